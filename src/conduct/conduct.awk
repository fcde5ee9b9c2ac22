# conduct.awk - turns the table of client rules into docs/CLIENT-RULES.md.
# usage: awk -f src/conduct/conduct.awk src/conduct/conduct.h \
#            src/conduct/conduct.def > docs/CLIENT-RULES.md
#
# conduct.h comes first: it has the names of groups, levels and ways to see.

# Cuts the next string in quotes off `rest`.
function cut_string(    text)
{
    if (!match(rest, /"[^"]*"/)) {
        return ""
    }
    text = substr(rest, RSTART + 1, RLENGTH - 2)
    rest = substr(rest, RSTART + RLENGTH)
    return text
}

# Cuts the next word off `rest`, with the comma behind it.
function cut_word(    word)
{
    match(rest, /[A-Z0-9]+/)
    word = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    return word
}

function put_group(group)
{
    if (!(group in title)) {
        printf "%s: no group %s\n", FILENAME, group > "/dev/stderr"
        failed = 1
        exit 1
    }
    print "\n## " group ": " title[group] "\n"
    print "| id | level | the rule | where | seen | how to test it |"
    print "|---|---|---|---|---|---|"
}

function put_rule(    group, number, row)
{
    rest = row_text
    sub(/^X\(/, "", rest)
    group = cut_word()
    number = cut_word()
    row = "| " group "-" number " | " level[cut_word()] " | "
    seen = word[cut_word()]
    where = cut_string()
    row = row cut_string() " | " where " | " seen " | " cut_string() " |"
    if (group != last) {
        put_group(group)
        last = group
    }
    print row
    count++
}

# Lists in the header: #define SF_CONDUCT_..._MAP(X), then X(...) lines.
FILENAME ~ /[.]h$/ {
    if (match($0, /SF_CONDUCT_[A-Z]+_MAP/)) {
        list = substr($0, RSTART + 11, RLENGTH - 15)
    } else if (/^    X\(/) {
        rest = $0
        sub(/^ *X\(/, "", rest)
        name = cut_word()
        if (list == "GROUP") {
            title[name] = cut_string()
        } else if (list == "LEVEL") {
            level[name] = cut_string()
        } else if (list == "SEEN") {
            word[name] = cut_string()
        }
    }
    next
}

FNR == 1 {
    print "# What a client has to do\n"
    print "Made from `src/conduct/conduct.def` by `make client-rules`; do not"
    print "edit. `smtpfault explain PIP-01` shows one rule, `smtpfault explain"
    print "PIP` a group.\n"
    print "The level is the word of the RFC; its grammar counts as MUST, and"
    print "practice is what no RFC demands.  The column \"seen\" tells where the"
    print "server can see that a rule is broken: in anything that the client"
    print "sends (yes), in what it does after a fault, over several"
    print "transactions or sessions of a run, or not at all. Rules that are the"
    print "server's own are broken by a scenario, on purpose."
}

/^X\(/ { row_text = "" }
/^X\(/, /\)$/ {
    row_text = row_text " " $0
    sub(/^ /, "", row_text)
    if (/\)$/) {
        put_rule()
    }
}

END {
    if (!failed) {
        print "\n" count " rules."
    }
    exit failed
}
