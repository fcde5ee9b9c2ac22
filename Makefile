# smtpfault: SMTP fault-injection test server.  `make help` lists the targets.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VERSION    := 0.1.0
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/smtpfault
DOCDIR     ?= $(PREFIX)/share/doc/smtpfault
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
MODE       ?= release
MBEDTLS    ?=
BUILD      ?= build/$(MODE)
INSTALL    ?= install
PKG_CONFIG ?= pkg-config
PYTHON     ?= $(firstword $(wildcard /usr/bin/python3) python3)
COVERAGE   ?= 90
V          ?= 0
Q          := $(if $(filter 0,$(V)),@)
say         = @printf '  %-6s %s\n' $(1) $(2)

# Flags.  CC, CPPFLAGS, CFLAGS and LDFLAGS stay the caller's; ours come first.
STD          := -std=c11 -D_POSIX_C_SOURCE=200809L
WARN         := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
                -Wundef -Wvla -Wstrict-prototypes -Wmissing-prototypes \
                -Wold-style-definition -Wcast-qual -Wwrite-strings \
                -Wimplicit-fallthrough
WERROR       ?=
HARDEN       := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
OPT.release  := -O2 -g $(HARDEN)
OPT.debug    := -O0 -g3
OPT.asan     := -O1 -g3 -fno-omit-frame-pointer \
                -fsanitize=address,undefined -fno-sanitize-recover=all
OPT.fuzz     := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
                -fsanitize=fuzzer-no-link,address,undefined
OPT.coverage := -O0 -g3 --coverage
LD.release   := -pie -Wl,-z,relro,-z,now
LD.asan      := -fsanitize=address,undefined
LD.coverage  := --coverage
LD.fuzz      := -fsanitize=fuzzer,address,undefined
ALL_CFLAGS    = $(STD) $(WARN) $(WERROR) $(OPT.$(MODE)) -Iinclude -Isrc \
                -DSF_VERSION='"$(VERSION)"' $(DEP_CFLAGS) $(CPPFLAGS) $(CFLAGS)

# Dependencies: pkg-config first, plain -l where a distribution ships no .pc
# file (mbedTLS on Debian 12).
pc_cflags     = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null)
pc_libs       = $(or $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null),$(2))
DEP_CFLAGS   := $(call pc_cflags,libuv) $(call pc_cflags,inih) \
                $(call pc_cflags,libgsasl) $(call pc_cflags,jansson)
MBED_LIBS    := $(call pc_libs,mbedtls,-lmbedtls) \
                $(call pc_libs,mbedx509,-lmbedx509) \
                $(call pc_libs,mbedcrypto,-lmbedcrypto)
ifneq ($(MBEDTLS),) # a directory with include/ and lib/: that one instead
DEP_CFLAGS   += -isystem $(MBEDTLS)/include
MBED_LIBS    := -Wl,--exclude-libs,ALL \
                $(patsubst %,$(MBEDTLS)/lib/libmbed%.a,tls x509 crypto)
endif
DEP_LIBS     := $(call pc_libs,libuv,-luv) $(call pc_libs,inih,-linih) \
                $(MBED_LIBS) $(call pc_libs,libgsasl,-lgsasl) \
                $(call pc_libs,jansson,-ljansson)
TEST_LIBS    := $(call pc_libs,criterion,-lcriterion)

# Everything but main() is one library, so that the tests link what ships.
MAIN         := src/app/main.c
LIB_SRC      := $(filter-out $(MAIN),$(sort $(wildcard src/*/*.c)))
SCENARIOS    := $(sort $(wildcard scenarios/*.ini))
BUNDLE       := $(BUILD)/bundle_data.c
LIB_OBJ      := $(LIB_SRC:%.c=$(BUILD)/%.o) $(BUNDLE:.c=.o)
LIB          := $(BUILD)/libsmtpfault.a
BIN          := $(if $(filter build/release,$(BUILD)),build,$(BUILD))/smtpfault
SUPPORT_SRC  := $(sort $(wildcard tests/support/*.c))
SUPPORT      := $(SUPPORT_SRC:%.c=$(BUILD)/%.o)
TEST_SRC     := $(sort $(wildcard tests/unit/*/test_*.c tests/*/test_*.c))
TESTS        := $(TEST_SRC:%.c=$(BUILD)/%)
FUZZ_SRC     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZERS      := $(FUZZ_SRC:%.c=$(BUILD)/%)
PY_SUITES    := tests/cli tests/net tests/interop tests/selftest
C_FILES      := $(sort $(shell find include src tests -name '*.[ch]'))
MAN_PAGES    := $(sort $(wildcard docs/man/*.[15]))
DOCS         := $(sort $(wildcard docs/*.md docs/*.json docs/*.xsd))

.PHONY: all
all: $(BIN) ## build the server (MODE=release|debug|asan|coverage)

$(BIN): $(BUILD)/$(MAIN:.c=.o) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LD.$(MODE)) $(LDFLAGS) -o $@ $^ $(DEP_LIBS) $(LDLIBS)

$(LIB): $(LIB_OBJ) $(BUILD)/.inputs
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) qcs $@ $(LIB_OBJ)

# Stamps change only when what they hold does: the command line, on which every
# object depends, and the lists of files, since removing a file makes no other
# newer.
stamp = $(Q)mkdir -p $(@D); echo $(1) | cmp -s - $@ || echo $(1) >$@
$(BUILD)/.flags: FORCE
	$(call stamp,'$(CC) $(ALL_CFLAGS)')
$(BUILD)/.inputs: FORCE
	$(call stamp,'$(LIB_SRC) $(SCENARIOS)')

# Criterion's macros convert; src/ is held to the full list.
$(BUILD)/tests/%.o: TEST_CFLAGS := -Wno-conversion -Wno-missing-prototypes
$(BUILD)/%.o: %.c $(BUILD)/.flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

# The bundled scenarios, compiled in: the binary is the whole installation.
$(BUNDLE): src/scenario/bundle.awk $(SCENARIOS) $(BUILD)/.inputs
	$(call say,GEN,$@)
	$(Q)awk -f $< $(SCENARIOS) >$@
$(BUNDLE:.c=.o): $(BUNDLE) $(BUILD)/.flags
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# libFuzzer brings main().
$(FUZZERS): $(BUILD)/%: $(BUILD)/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LD.$(MODE)) $(LDFLAGS) -o $@ $^ $(DEP_LIBS) $(LDLIBS)

$(TESTS): $(BUILD)/%: $(BUILD)/%.o $(SUPPORT) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LD.$(MODE)) $(LDFLAGS) -o $@ $^ $(DEP_LIBS) $(TEST_LIBS) $(LDLIBS)

# Targets that build before they run something do so in a make of their own,
# because what `deps` installs was not there when this one looked.  It uses
# every processor unless the caller's -j already says how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: deps run
deps: ## install the Debian packages that building needs and that are missing
	$(Q).ci/deps build
run: deps ## install what is missing, build, serve greylisting on 127.0.0.1:2525
	$(Q)$(MAKE) $(JOBS) all
	@echo 'Try it from another terminal (first 451, after 5 minutes 250):'
	@echo '  swaks --server 127.0.0.1:2525 --to a@example.test'
	@echo '  curl smtp://127.0.0.1:2525 --mail-rcpt a@example.test -T README.md'
	@echo 'Ctrl-C ends it, with a verdict on who came.'
	$(Q)$(BIN) --scenario greylist || case $$? in 1 | 4) ;; *) exit $$? ;; esac

.PHONY: test suites wire sanitize coverage
test: ## install what is missing, build, run every test (T=--filter=line/*)
	$(Q).ci/deps test
	$(Q)$(MAKE) $(JOBS) suites
suites: $(BIN) $(TESTS)
	$(Q)SMTPFAULT_BIN=$(BIN) SMTPFAULT_MODE=$(MODE) \
	    $(PYTHON) tests/run.py $(TESTS) $(PY_SUITES) -- $(T)
wire: ## the server in real time, with captures (which need root)
	$(Q).ci/deps test
	$(Q)$(MAKE) $(JOBS) all
	$(Q)SMTPFAULT_BIN=$(BIN) SMTPFAULT_MODE=$(MODE) \
	    $(PYTHON) tests/run.py tests/wire

# Criterion counts a leaking test as passed, and a server's standard error may
# be a pipe that nobody reads: the sanitizer's own log is the verdict.
SAN_LOG := $(CURDIR)/build/asan/san
sanitize: ## the tests under ASan, UBSan and LeakSanitizer
	$(Q)rm -rf $(SAN_LOG) && mkdir -p $(SAN_LOG)
	$(Q)rc=0; \
	ASAN_OPTIONS=detect_leaks=1:log_path=$(SAN_LOG)/log \
	UBSAN_OPTIONS=print_stacktrace=1:log_path=$(SAN_LOG)/log \
	    $(MAKE) $(JOBS) MODE=asan suites || rc=1; \
	if cat $(SAN_LOG)/log.* 2>/dev/null; then rc=1; fi; \
	exit $$rc
coverage: ## line coverage of src/; fails under COVERAGE percent
	$(Q)mkdir -p build/coverage && find build/coverage -name '*.gcda' -delete
	$(Q)$(MAKE) $(JOBS) MODE=coverage suites
	$(Q)gcovr -r . --filter src/ --fail-under-line $(COVERAGE) build/coverage

# The other library of tls_compat.h.  Status 75: there is no way to get it here.
MBEDTLS36 := build/mbedtls-3.6
.PHONY: mbedtls36
mbedtls36: ## C tests and tests/net with Mbed TLS 3.6, where it can be had
	$(Q).ci/mbedtls36 $(MBEDTLS36) || { rc=$$?; \
	    [ $$rc = 75 ] && echo 'mbedtls36: SKIPPED, nothing was tested'; \
	    [ $$rc = 75 ]; exit; }; \
	$(MAKE) $(JOBS) MBEDTLS=$(MBEDTLS36) BUILD=build/with-mbedtls-3.6 \
	    PY_SUITES=tests/net WERROR=-Werror suites

# What a fuzzer finds new stays below build/; tests/fuzz/NAME is where it begins.
FUZZ_TIME ?= 60
.PHONY: fuzz fuzzers
fuzz: ## each fuzzer for FUZZ_TIME seconds (clang)
	$(Q).ci/deps check
	$(Q)$(MAKE) $(JOBS) MODE=fuzz CC=clang fuzzers
	$(Q)for name in $(notdir $(FUZZ_SRC:.c=)); do \
	    mkdir -p build/fuzz/corpus/$$name tests/fuzz/corpus/$$name && \
	    echo "  FUZZ   $$name" && \
	    build/fuzz/tests/fuzz/$$name -max_total_time=$(FUZZ_TIME) \
	        -print_final_stats=1 -artifact_prefix=build/fuzz/$$name- \
	        build/fuzz/corpus/$$name tests/fuzz/corpus/$$name \
	        >build/fuzz/$$name.log 2>&1; rc=$$?; \
	    grep -E '^(stat::|==|SUMMARY)' build/fuzz/$$name.log; \
	    [ $$rc = 0 ] || { tail -40 build/fuzz/$$name.log; exit 1; }; done
fuzzers: $(FUZZERS)

.PHONY: check format format-check lint layers tidy cppcheck manuals clang
.PHONY: client-rules tls-clients clients-table
check: ## what a change must pass: format, lint, tests, sanitizers, coverage
	$(Q).ci/deps check
	$(Q)$(MAKE) $(JOBS) format-check lint
	$(Q)$(MAKE) $(JOBS) clang
	$(Q)$(MAKE) $(JOBS) WERROR=-Werror suites
	$(Q)$(MAKE) WERROR=-Werror sanitize
	$(Q)$(MAKE) WERROR=-Werror coverage
format: ## rewrite the sources with clang-format
	$(Q)clang-format -i $(C_FILES)
format-check: ## is every source as clang-format would have it?
	$(call say,FORMAT,'$(words $(C_FILES)) files')
	$(Q)clang-format --dry-run -Werror $(C_FILES)
lint: layers tidy cppcheck manuals ## layers, banned calls, clang-tidy, cppcheck
layers:
	$(call say,LAYERS,'src include')
	$(Q)awk -f tests/lint/layers.awk $(filter src/% include/%,$(C_FILES))
# One file a process: clang-tidy 14 sees uninitialised va_lists in the second.
tidy:
	$(call say,TIDY,src)
	$(Q)printf '%s\n' $(LIB_SRC) $(MAIN) | xargs -P $$(nproc) -n 1 sh -c \
	    'clang-tidy --quiet "$$@" -- $(STD) -Iinclude -Isrc \
	     -DSF_VERSION=\"$(VERSION)\" $(DEP_CFLAGS) 2>/dev/null' clang-tidy
cppcheck:
	$(call say,CPPCHK,src)
	$(Q)cppcheck --quiet --std=c11 --enable=warning,portability \
	    --inline-suppr --error-exitcode=1 -j $$(nproc) -Iinclude -Isrc src
client-rules: ## write docs/CLIENT-RULES.md anew from its table
	$(call say,GEN,docs/CLIENT-RULES.md)
	$(Q)awk -f src/conduct/conduct.awk src/conduct/conduct.h \
	    src/conduct/conduct.def >docs/CLIENT-RULES.md
tls-clients: $(BIN) ## write docs/TLS-CLIENTS.md anew, with the clients here
	$(call say,GEN,docs/TLS-CLIENTS.md)
	$(Q)SMTPFAULT_BIN=$(BIN) $(PYTHON) tests/interop/tls_table.py
clients-table: $(BIN) ## write docs/CLIENTS.md anew, with the clients here
	$(call say,GEN,docs/CLIENTS.md)
	$(Q)SMTPFAULT_BIN=$(BIN) $(PYTHON) tests/interop/judge_table.py
manuals:
	$(call say,MANDOC,docs/man)
	$(Q)$(if $(MAN_PAGES),mandoc -T lint -W warning $(MAN_PAGES))
clang: ## build server and tests with clang, warnings are errors
	$(Q)$(MAKE) CC=clang BUILD=build/clang WERROR=-Werror built
.PHONY: built
built: $(BIN) $(TESTS)

.PHONY: install uninstall
man_dir = $(MANDIR)/man$(subst .,,$(suffix $(1)))
install: $(BIN) ## honours DESTDIR, PREFIX, BINDIR, MANDIR, DATADIR, ...
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR)/scenarios \
	    $(DESTDIR)$(DOCDIR)/docs $(DESTDIR)$(MANDIR)/man1 \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) \
	    $(DESTDIR)$(FISHDIR)
	$(INSTALL) -m 755 $(BIN) $(DESTDIR)$(BINDIR)/smtpfault
	$(INSTALL) -m 644 $(SCENARIOS) $(DESTDIR)$(DATADIR)/scenarios
	$(INSTALL) -m 644 README.md CHANGELOG.md LICENSE $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 644 $(DOCS) $(DESTDIR)$(DOCDIR)/docs
	$(foreach page,$(MAN_PAGES),$(INSTALL) -m 644 $(page) \
	    $(DESTDIR)$(call man_dir,$(page)) &&) :
	$(INSTALL) -m 644 docs/completion/smtpfault.bash \
	    $(DESTDIR)$(BASHDIR)/smtpfault
	$(INSTALL) -m 644 docs/completion/_smtpfault $(DESTDIR)$(ZSHDIR)
	$(INSTALL) -m 644 docs/completion/smtpfault.fish $(DESTDIR)$(FISHDIR)
uninstall: ## removes what install put there
	rm -f $(DESTDIR)$(BINDIR)/smtpfault $(DESTDIR)$(BASHDIR)/smtpfault \
	    $(DESTDIR)$(ZSHDIR)/_smtpfault $(DESTDIR)$(FISHDIR)/smtpfault.fish
	rm -rf $(DESTDIR)$(DATADIR) $(DESTDIR)$(DOCDIR)
	$(foreach page,$(MAN_PAGES),rm -f \
	    $(DESTDIR)$(call man_dir,$(page))/$(notdir $(page)) &&) :

.PHONY: clean help FORCE
clean: ## remove build/
	$(Q)rm -rf build
help: ## this list
	$(Q)awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' \
	    Makefile
FORCE:

-include $(LIB_OBJ:.o=.d) $(BUILD)/$(MAIN:.c=.d) $(TESTS:=.d) $(FUZZERS:=.d) $(SUPPORT:.o=.d)
