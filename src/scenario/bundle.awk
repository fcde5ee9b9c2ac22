# bundle.awk - turns scenario files into the C file that puts them into the
# binary.
# usage: awk -f src/scenario/bundle.awk scenarios/*.ini > bundle_data.c
#
# The files have to be text that ends in a newline.  They are sorted by name
# here, whatever the order of the arguments.  What is not ASCII is left as it
# is, and lengths are the compiler's business, so that the locale of awk does
# not matter.

function base_name(path)
{
    sub(/.*\//, "", path)
    return path
}

# A line as a C string.  A question mark is escaped as well: two of them begin
# a trigraph.
function quote_line(line,    out, i, c)
{
    out = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        out = out (c in escape ? escape[c] : c)
    }
    return "\"" out "\\n\""
}

BEGIN {
    for (i = 1; i < 32; i++) {
        escape[sprintf("%c", i)] = sprintf("\\%03o", i)
    }
    escape[sprintf("%c", 127)] = "\\177"
    escape["\""] = "\\\""
    escape["\\"] = "\\\\"
    escape["?"] = "\\?"
    print "/* Made by bundle.awk from scenarios/; do not edit. */"
    print "#include \"scenario/bundle.h\""
}

FNR == 1 {
    if (count > 0) {
        print "    ;"
    }
    count++
    sorted[count] = base_name(FILENAME)
    variable[sorted[count]] = "text_" count
    printf "\nstatic const char text_%d[] =\n", count
}

{
    print "    " quote_line($0)
}

END {
    if (count > 0) {
        print "    ;"
    }
    for (i = 2; i <= count; i++) {
        name = sorted[i]
        for (j = i; j > 1 && sorted[j - 1] > name; j--) {
            sorted[j] = sorted[j - 1]
        }
        sorted[j] = name
    }
    print "\nconst struct sf_bundled sf_bundle[] = {"
    for (i = 1; i <= count; i++) {
        text = variable[sorted[i]]
        printf "    {\"%s\", %s, sizeof(%s) - 1},\n", sorted[i], text, text
    }
    if (count == 0) {
        print "    {\"\", \"\", 0},"
    }
    print "};"
    printf "const size_t sf_bundle_len = %d;\n", count
}
