# Layer lint: a file may include only headers of its own layer or of a lower
# floor, only certain files see certain libraries, and what reads or writes the
# world stays out of the layers below net.
# usage: awk -f tests/lint/layers.awk $(find src include -name '*.[ch]')
BEGIN {
    count = split("base:0 smtp:1 journal:2 rule:3 verdict:3 conduct:3 " \
                  "scenario:4 session:5 net:6 control:7 app:8", rows, " ")
    for (i = 1; i <= count; i++) {
        split(rows[i], row, ":")
        floor[row[1]] = row[2] + 0
    }
    # Library header (the start of its name): who may include it.
    only["ini.h"] = "^src/scenario/source[.]c$"
    only["jansson.h"] = "^src/journal/read[.]c$"
    only["gsasl.h"] = "^src/smtp/sasl[.]c$"
    only["uv.h"] = "^src/(net|control|app)/"
    only["mbedtls/"] = "^src/(net/|base/digest[.]c$)"
    only["uthash.h"] = "^src/(base|rule|session|verdict)/"
    banned = "strcpy strcat sprintf gets strtok atoi atol sscanf alloca"
    world = "printf fprintf vprintf vfprintf puts fputs putchar perror fopen " \
            "fwrite fread socket time clock_gettime gettimeofday rand random " \
            "getenv exit abort"
}

function layer(path,   parts) {
    split(path, parts, "/")
    return parts[1] == "src" && parts[2] in floor ? parts[2] : ""
}

function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    failed = 1
}

function complain_of_calls(names, why,   list, n, i) {
    n = split(names, list, " ")
    for (i = 1; i <= n; i++)
        if ($0 ~ "(^|[^A-Za-z0-9_])" list[i] "[ \t]*\\(")
            complain(list[i] "() " why)
}

FNR == 1 {
    me = layer(FILENAME)
    if (FILENAME ~ /^src\// && me == "")
        complain("'" FILENAME "' belongs to no layer")
}

/^#[ \t]*include[ \t]+"/ {
    split($0, quoted, "\"")
    split(quoted[2], parts, "/")
    if (quoted[2] != "smtpfault.h") {
        them = parts[1] in floor ? parts[1] : ""
        if (me == "" || them == "")
            complain("'" quoted[2] "' belongs to no layer")
        else if (them != me && floor[them] >= floor[me])
            complain("layer '" me "' may not include '" quoted[2] "'")
    }
}

/^#[ \t]*include[ \t]+</ {
    for (name in only)
        if (index($0, "<" name) && FILENAME !~ only[name])
            complain("<" name "> is not for this file")
}

# Lines of comments may name what they like.
!/^[ \t]*(\/?\*|\/\/)/ {
    complain_of_calls(banned, "is banned")
    if (me == "" || floor[me] < floor["net"])
        complain_of_calls(world, "reads or writes the world: not for layer '" me "'")
}

END { exit failed }
