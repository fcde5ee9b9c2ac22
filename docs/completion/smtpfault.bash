# smtpfault.bash - what smtpfault(1) takes, for bash.

# An option, its letter, what its value is, and the commands that it goes with;
# `serve` is none.
_smtpfault_options=(
    '--scenario|-s|scenario|serve match judge'
    '--listen|-l|url|serve'
    '--port-file||file|serve'
    '--tls-cert||file|serve'
    '--tls-key||file|serve'
    '--ca-file||file|serve'
    '--set||any|serve check match judge'
    '--expect||any|serve judge'
    '--speed||any|serve match'
    '--seed||seed|serve match'
    '--journal|-j|file|serve'
    '--transcript||when|serve'
    '--save||directory|serve'
    '--report||report|serve judge'
    '--max-sessions||any|serve'
    '--until-idle||any|serve'
    '--timeout||any|serve'
    '--tag||tag|list'
    '--json|||match'
    '--strict|||serve check match judge'
    '--quiet|-q||serve check match judge'
    '--color||when|serve judge'
    '--help|-h||serve check list show explain match judge'
    '--version|-V||serve check list show explain match judge'
)

# A command, and what its operands are.
_smtpfault_commands=(
    'check|file'
    'list|any'
    'show|name'
    'explain|event'
    'match|any'
    'judge|file'
)

# The kind of value that an option takes; nothing if it takes none.
_smtpfault_kind()
{
    local row name letter kind rest
    for row in "${_smtpfault_options[@]}"; do
        IFS='|' read -r name letter kind rest <<<"$row"
        if [[ $1 = "$name" || $1 = "$letter" ]]; then
            echo "$kind"
            return
        fi
    done
}

# The first word that is a command, and not the value of an option; `client`
# behind `--`, else `serve`.
_smtpfault_command()
{
    local i row
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} = -- ]]; then
            echo client
            return
        fi
        if [[ ${COMP_WORDS[i]} = -* ]]; then
            if [[ $(_smtpfault_kind "${COMP_WORDS[i]}") ]]; then
                [[ ${COMP_WORDS[i + 1]} = "=" ]] && ((i++))
                ((i++))
            fi
            continue
        fi
        for row in "${_smtpfault_commands[@]}"; do
            if [[ ${row%%|*} = "${COMP_WORDS[i]}" ]]; then
                echo "${row%%|*}"
                return
            fi
        done
    done
    echo serve
}

# The options that go with a command.
_smtpfault_options_of()
{
    local row
    for row in "${_smtpfault_options[@]}"; do
        [[ " ${row##*|} " = *" $1 "* ]] && echo "${row%%|*}"
    done
}

# The words that a value may be, one a line.
_smtpfault_words()
{
    local text
    case $1 in
    scenario | name) "$2" list 2>/dev/null | sed 's/ .*//' ;;
    tag)
        # A tag that no scenario has gets the list of those that there are.
        text=$("$2" list --tag "" 2>&1)
        text=${text##*there are }
        printf '%s\n' ${text//,/}
        ;;
    when) printf '%s\n' auto always never ;;
    seed) echo random ;;
    report) printf '%s\n' text: json: junit: tap: github: ;;
    event)
        printf '%s\n' CONNECT EHLO HELO LHLO STARTTLS TLS AUTH MAIL RCPT DATA \
            BDAT MESSAGE RSET NOOP QUIT VRFY
        ;;
    url)
        printf '%s\n' smtp://127.0.0.1: smtps://127.0.0.1: lmtp://127.0.0.1: \
            lmtp+unix:///
        ;;
    command) printf '%s\n' "${_smtpfault_commands[@]%%|*}" ;;
    esac
}

# Completes a value of that kind.
_smtpfault_value()
{
    local files=
    case $1 in
    scenario | file) files=-f ;;
    directory) files=-d ;;
    url | report) compopt -o nospace 2>/dev/null ;;
    esac
    [[ $files ]] && compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(
        compgen -W "$(_smtpfault_words "$1" "$2")" -- "$3"
        [[ $files ]] && compgen "$files" -- "$3"
    )
}

# Completes the command under test, or an argument of it.
_smtpfault_client()
{
    local kind=-f
    [[ $2 = -- ]] && kind=-c
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$kind" -- "$1")
}

_smtpfault()
{
    local current=${COMP_WORDS[COMP_CWORD]} kind command row previous
    local at=$COMP_CWORD is_behind_colon= IFS=$' \t\n'

    # `--option=value` is three words, and so is `format:file`.
    if [[ $current = ":" ]]; then
        current= is_behind_colon=1
        ((at--))
    elif [[ ${COMP_WORDS[at - 1]} = ":" ]]; then
        is_behind_colon=1
        ((at -= 2))
    elif [[ $current = "=" ]]; then
        current=
    fi
    previous=${COMP_WORDS[at - 1]}
    [[ $previous = "=" ]] && previous=${COMP_WORDS[at - 2]}
    command=$(_smtpfault_command)
    if [[ $command = client ]]; then
        _smtpfault_client "$current" "$previous"
        return
    fi
    kind=$(_smtpfault_kind "$previous")
    [[ $kind = report && $is_behind_colon ]] && kind=file
    if [[ -z $kind && $current = -* ]]; then
        mapfile -t COMPREPLY < <(
            compgen -W "$(_smtpfault_options_of "$command")" -- "$current")
        return
    fi
    if [[ -z $kind && $command = serve ]]; then
        kind=command
    elif [[ -z $kind ]]; then
        for row in "${_smtpfault_commands[@]}"; do
            [[ ${row%%|*} = "$command" ]] && kind=${row##*|}
        done
    fi
    _smtpfault_value "$kind" "$1" "$current"
}

complete -F _smtpfault smtpfault
