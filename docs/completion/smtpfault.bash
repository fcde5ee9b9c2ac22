# smtpfault.bash - what smtpfault(1) takes, for bash.

# An option, its letter, what its value is, and the commands that it goes with;
# `serve` is none.
_smtpfault_options=(
    '--scenario|-s|scenario|serve match'
    '--listen|-l|url|serve'
    '--port-file||file|serve'
    '--tls-cert||file|serve'
    '--tls-key||file|serve'
    '--ca-file||file|serve'
    '--set||any|serve check match'
    '--speed||any|serve match'
    '--seed||seed|serve match'
    '--journal|-j|file|serve'
    '--transcript||when|serve'
    '--save||directory|serve'
    '--max-sessions||any|serve'
    '--until-idle||any|serve'
    '--timeout||any|serve'
    '--tag||tag|list'
    '--json|||match'
    '--strict|||serve check match'
    '--quiet|-q||serve check match'
    '--color||when|serve'
    '--help|-h||serve check list show explain match'
    '--version|-V||serve check list show explain match'
)

# A command, and what its operands are.
_smtpfault_commands=(
    'check|file'
    'list|any'
    'show|name'
    'explain|event'
    'match|any'
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
    url) compopt -o nospace 2>/dev/null ;;
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
    local current=${COMP_WORDS[COMP_CWORD]} kind command row
    local previous=${COMP_WORDS[COMP_CWORD - 1]} IFS=$' \t\n'

    # `--option=value` is three words.
    if [[ $current = "=" ]]; then
        current=
    elif [[ $previous = "=" ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    command=$(_smtpfault_command)
    if [[ $command = client ]]; then
        _smtpfault_client "$current" "$previous"
        return
    fi
    kind=$(_smtpfault_kind "$previous")
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
