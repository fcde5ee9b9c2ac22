# smtpfault.fish - what smtpfault(1) takes, for fish.

# The bundled scenarios with their titles.
function __smtpfault_scenarios
    set -l words (commandline -opc)
    type -q $words[1]; or return
    $words[1] list 2>/dev/null | string replace -r '  +' \t
end

# A tag that no scenario has gets the list of those that there are.
function __smtpfault_tags
    set -l words (commandline -opc)
    type -q $words[1]; or return
    $words[1] list --tag '' 2>&1 \
        | string replace -r '.*there are ' '' | string split ', '
end

# A format and a colon; behind it a file.
function __smtpfault_reports
    set -l format (string match -r '^(?:text|json|junit|tap|github):' -- (commandline -ct))
    if test -n "$format"
        printf '%s\n' $format(__fish_complete_path (string replace $format '' -- (commandline -ct)))
    else
        printf '%s:\n' text json junit tap github
    end
end

# Whether one of these commands was given; `serve` is none at all, and
# `client` stands behind `--`.
function __smtpfault_goes_with
    set -l given serve
    for word in (commandline -opc)[2..-1]
        if test "$word" = --
            set given client
            break
        end
        if contains -- $word check list show explain match judge
            set given $word
            break
        end
    end
    contains -- $given $argv
end

# Programs, directly behind `--`.
function __smtpfault_clients
    test (commandline -opc)[-1] = --; and __fish_complete_command
end

complete -c smtpfault -f
complete -c smtpfault -n '__smtpfault_goes_with serve' -a check \
    -d 'tell what is wrong in scenarios'
complete -c smtpfault -n '__smtpfault_goes_with serve' -a list \
    -d 'the bundled scenarios'
complete -c smtpfault -n '__smtpfault_goes_with serve' -a show \
    -d 'print a bundled scenario'
complete -c smtpfault -n '__smtpfault_goes_with serve' -a explain \
    -d 'what a code, event or client rule means'
complete -c smtpfault -n '__smtpfault_goes_with serve' -a match \
    -d 'which rule would take each command'
complete -c smtpfault -n '__smtpfault_goes_with client' -F \
    -a '(__smtpfault_clients)'
complete -c smtpfault -n '__smtpfault_goes_with serve' -a judge \
    -d 'the verdict, from a saved journal'
complete -c smtpfault -n '__smtpfault_goes_with check judge' -F
complete -c smtpfault -n '__smtpfault_goes_with explain' \
    -a 'CONNECT EHLO HELO LHLO STARTTLS TLS AUTH MAIL RCPT DATA BDAT MESSAGE
        RSET NOOP QUIT VRFY'
complete -c smtpfault -n '__smtpfault_goes_with show' \
    -a '(__smtpfault_scenarios)'

complete -c smtpfault -n '__smtpfault_goes_with serve match judge' -s s -l scenario -rF \
    -a '(__smtpfault_scenarios)' -d 'what happens'
complete -c smtpfault -n '__smtpfault_goes_with serve' -s l -l listen -x \
    -a 'smtp://127.0.0.1: smtps://127.0.0.1: lmtp://127.0.0.1: lmtp+unix:///' -d 'where'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l port-file -rF \
    -d 'write names and URLs once bound'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l tls-cert -rF \
    -d 'certificate of the server, PEM'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l tls-key -rF \
    -d 'its key, PEM'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l ca-file -rF \
    -d 'write the throw-away CA there'
complete -c smtpfault -n '__smtpfault_goes_with serve check match judge' -l set -x \
    -d 'override a name of [let]'
complete -c smtpfault -n '__smtpfault_goes_with serve judge' -l expect -x \
    -d 'add to [expect]'
complete -c smtpfault -n '__smtpfault_goes_with serve match' -l speed -x \
    -d 'divide durations of 1 s and more'
complete -c smtpfault -n '__smtpfault_goes_with serve match' -l seed -x \
    -a 'random' -d 'for everything that is drawn'
complete -c smtpfault -n '__smtpfault_goes_with serve' -s j -l journal -rF \
    -d 'JSON Lines of what happened'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l transcript -x \
    -a 'auto always never' -d 'the live dialogue'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l save -x \
    -a '(__fish_complete_directories)' -d 'accepted messages as a Maildir'
complete -c smtpfault -n '__smtpfault_goes_with serve judge' -l report -x \
    -a '(__smtpfault_reports)' -d 'the verdict in a file'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l max-sessions -x \
    -d 'stop after so many sessions'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l until-idle -x \
    -d 'stop when idle for so long'
complete -c smtpfault -n '__smtpfault_goes_with serve' -l timeout -x \
    -d 'stop after so long'
complete -c smtpfault -n '__smtpfault_goes_with list' -l tag -x \
    -a '(__smtpfault_tags)' -d 'only with this tag'
complete -c smtpfault -n '__smtpfault_goes_with match' -l json \
    -d 'one JSON object a command'
complete -c smtpfault -n '__smtpfault_goes_with serve check match judge' -l strict \
    -d 'warnings are errors'
complete -c smtpfault -n '__smtpfault_goes_with serve check match judge' -s q -l quiet \
    -d 'only errors on stderr'
complete -c smtpfault -n '__smtpfault_goes_with serve judge' -l color -x \
    -a 'auto always never' -d 'colours in transcript and report'
complete -c smtpfault -s h -l help -d 'print a summary'
complete -c smtpfault -s V -l version -d 'print the version'
