# bundle.awk - turns scenario files into the C file that puts them into the
# binary.
# usage: awk -f src/scenario/bundle.awk scenarios/*.ini > bundle_data.c
#
# The files have to be ASCII, and end in a newline: what else a character is
# depends on the locale of awk.  They become arrays of numbers, since C
# promises no more than 4095 octets of a string literal.  They are sorted by
# name without suffix here, whatever the order of the arguments.

function base_name(path)
{
    sub(/.*\//, "", path)
    return path
}

function stem(name)
{
    sub(/[.]ini$/, "", name)
    return name ""
}

# The octets of a line and its newline, each behind a blank.
function octets(line,    out, i, c)
{
    out = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (!(c in number)) {
            printf "%s:%d: not ASCII\n", FILENAME, FNR > "/dev/stderr"
            failed = 1
            exit 1
        }
        out = out " " number[c] ","
    }
    return out " 10,"
}

BEGIN {
    for (i = 1; i < 128; i++) {
        number[sprintf("%c", i)] = i
    }
    print "/* Made by bundle.awk from scenarios/; do not edit. */"
    print "#include \"scenario/bundle.h\""
}

FNR == 1 {
    if (count > 0) {
        print "    0};"
    }
    count++
    sorted[count] = base_name(FILENAME)
    variable[sorted[count]] = "text_" count
    printf "\nstatic const char text_%d[] = {\n", count
}

{
    print "   " octets($0)
}

END {
    if (failed) {
        exit 1
    }
    if (count > 0) {
        print "    0};"
    }
    for (i = 2; i <= count; i++) {
        name = sorted[i]
        for (j = i; j > 1 && stem(sorted[j - 1]) > stem(name); j--) {
            sorted[j] = sorted[j - 1]
        }
        sorted[j] = name
    }
    print "\nconst struct sf_bundled sf_bundle[] = {"
    for (i = 1; i <= count; i++) {
        text = variable[sorted[i]]
        printf "    {\"%s\", \"%s\", %s, sizeof(%s) - 1},\n",
            sorted[i], stem(sorted[i]), text, text
    }
    if (count == 0) {
        print "    {\"\", \"\", \"\", 0},"
    }
    print "};"
    printf "const size_t sf_bundle_len = %d;\n", count
}
