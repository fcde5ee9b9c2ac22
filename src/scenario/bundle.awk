# bundle.awk - turns scenario files into the C file that puts them into the
# binary.
# usage: LC_ALL=C awk -f src/scenario/bundle.awk scenarios/*.ini > bundle_data.c
#
# The files have to be text that ends in a newline.  They are sorted by name
# here, whatever the order of the arguments.

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
        if (c in octal) {
            out = out octal[c]
        } else {
            out = out c
        }
    }
    return "\"" out "\\n\""
}

BEGIN {
    for (i = 1; i < 256; i++) {
        if (i < 32 || i > 126) {
            octal[sprintf("%c", i)] = sprintf("\\%03o", i)
        }
    }
    octal["\""] = "\\\""
    octal["\\"] = "\\\\"
    octal["?"] = "\\?"
}

FNR == 1 {
    count++
    name[count] = base_name(FILENAME)
}

{
    text[count] = text[count] "\n     " quote_line($0)
    len[count] += length($0) + 1
}

END {
    for (i = 2; i <= count; i++) {
        for (j = i; j > 1 && name[order(j - 1)] > name[order(j)]; j--) {
            k = order(j)
            at[j] = order(j - 1)
            at[j - 1] = k
        }
    }
    print "/* Made by bundle.awk from scenarios/; do not edit. */"
    print "#include \"scenario/bundle.h\"\n"
    print "const struct sf_bundled sf_bundle[] = {"
    for (i = 1; i <= count; i++) {
        k = order(i)
        printf "    {\"%s\",%s,\n     %d},\n", name[k], text[k], len[k]
    }
    if (count == 0) {
        print "    {\"\", \"\", 0},"
    }
    print "};"
    printf "const size_t sf_bundle_len = %d;\n", count
}

# Which file stands at this place of the sorted list.
function order(i)
{
    return (i in at) ? at[i] : i
}
