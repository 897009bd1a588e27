# shellcheck shell=bash
# Which command is meant, with which words and options, and what its --help says. All of it comes from the commands'
# own words: offer "facility add" "ID NAME" <<HELP.

declare -A USAGE=() HELP=()
OFFERED=()          # in the order of --help
WORDS=()            # what was typed but for options; behind the command's name: its arguments
declare -A OPTIONS=()
COMMAND=
readonly EVERYWHERE='[--json] [--help] [--database NAME]'

# fail STATUS WHAT: one line that says what to do
fail()
{
    printf 'mantova-dossier: %s\n' "${*:2}" >&2
    exit "$1"
}

# usage_fail WHAT
usage_fail()
{
    fail 2 "$1; see: mantova-dossier ${COMMAND:+$COMMAND }--help"
}

# offer NAME USAGE <<HELP: the first line of the help is what the list says of it
offer()
{
    OFFERED+=("$1")
    USAGE[$1]=$2
    IFS= read -r -d '' "HELP[$1]" || true
}

# Options may stand anywhere; behind -- there are none.
words_read()
{
    while (($#)); do
        case $1 in
        --)
            WORDS+=("${@:2}")
            return
            ;;
        -h | --help) OPTIONS[help]=yes ;;
        --*=*)
            option_read "${1%%=*}" "${1#*=}"
            ;;
        --?*)
            if takes_value "$1"; then
                [[ $# -gt 1 && $2 != --* ]] || usage_fail "$1 needs a value (one that begins with -- goes behind =)"
                option_read "$1" "$2"
                shift
            else
                OPTIONS[${1#--}]=yes
            fi
            ;;
        *) WORDS+=("$1") ;;
        esac
        shift
    done
}

# takes_value OPTION: some command says so
takes_value()
{
    [[ "$EVERYWHERE ${USAGE[*]}" == *"[$1 "[A-Z]* ]]
}

# option_read OPTION VALUE: an empty one may be a variable that a script has not set, and --days "" would be today
option_read()
{
    takes_value "$1" || usage_fail "$1 takes no value, or there is no such option"
    [[ -n $2 ]] || usage_fail "the value of $1 is empty"
    OPTIONS[${1#--}]=$2
}

# The name is one word or two; what is left of WORDS is the command's.
command_choose()
{
    local name=${WORDS[0]:-}

    if [[ -z $name ]]; then
        [[ -n ${OPTIONS[help]:-} ]] || {
            list_show "" >&2
            exit 2
        }
        list_show ""
        exit 0
    elif [[ -n ${USAGE[$name]+x} ]]; then
        COMMAND=$name
        WORDS=("${WORDS[@]:1}")
    elif [[ -n ${USAGE["$name ${WORDS[1]:-}"]+x} ]]; then
        COMMAND="$name ${WORDS[1]}"
        WORDS=("${WORDS[@]:2}")
    else
        command_unknown "$name" "${WORDS[1]:-}"
    fi
}

# is_thing WORD: there are commands on it
is_thing()
{
    local name

    for name in "${OFFERED[@]}"; do
        [[ $name != "$1 "* ]] || return 0
    done
    return 1
}

# command_unknown WORD WORD: what there is on that thing, or the nearest words
command_unknown()
{
    if ! is_thing "$1"; then
        word_unknown "" "$1" "$(printf '%s\n' "${OFFERED[@]%% *}" | uniq | nearest "$1")"
    elif [[ -n $2 ]]; then
        word_unknown "$1 " "$2" "$(printf '%s\n' "${OFFERED[@]}" | sed -n "s/^$1 //p" | nearest "$2")"
    elif [[ -n ${OPTIONS[help]:-} ]]; then
        list_show "$1"
        exit 0
    fi
    list_show "$1" >&2
    exit 2
}

# word_unknown BEFORE WORD NEAREST
word_unknown()
{
    fail 2 "there is no command \"$1$2\": ${3:+did you mean $3? }see: mantova-dossier $1--help"
}

# nearest WORD <words: those that begin like it or are a slip of the pen away, with "or" between them
nearest()
{
    WORD=$1 awk '
        function least(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, d) {
            for (i = 0; i <= length(a); i++) d[i, 0] = i
            for (j = 0; j <= length(b); j++) d[0, j] = j
            for (i = 1; i <= length(a); i++)
                for (j = 1; j <= length(b); j++)
                    d[i, j] = least(d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)),
                        least(d[i - 1, j], d[i, j - 1]) + 1)
            return d[length(a), length(b)]
        }
        index($0, ENVIRON["WORD"]) == 1 || distance(ENVIRON["WORD"], $0) <= 2 { found = found (found ? " or " : "") $0 }
        END { print found }'
}

# The options that this command has, and as many arguments as its usage names, none of them empty.
arguments_check()
{
    local rest=${USAGE[$COMMAND]} option word optional=

    for option in "${!OPTIONS[@]}"; do
        [[ "$rest $EVERYWHERE" == *"[--$option"[\ \]]* ]] || usage_fail "there is no option --$option here"
    done
    while [[ $rest =~ \[([^]]*)\] ]]; do
        [[ ${BASH_REMATCH[1]} == --* ]] || optional+=" ${BASH_REMATCH[1]}"
        rest=${rest/"${BASH_REMATCH[0]}"/}
    done
    count_check "$rest" "$optional"
    for word in "${WORDS[@]}" "${OPTIONS[@]}"; do
        [[ -n $word ]] || usage_fail "an argument is empty"
        iconv -f UTF-8 -t UTF-8 <<<"$word" >/dev/null 2>&1 || usage_fail "an argument is not UTF-8"
    done
}

# count_check NEEDED OPTIONAL: names of arguments, as the usage has them; ... is any number
count_check()
{
    local needed optional

    read -r -a needed <<<"$1"
    read -r -a optional <<<"$2"
    ((${#WORDS[@]} >= ${#needed[@]})) || usage_fail "${needed[${#WORDS[@]}]} is missing"
    [[ $1$2 == *...* ]] || ((${#WORDS[@]} <= ${#needed[@]} + ${#optional[@]})) ||
        usage_fail "too many arguments, from \"${WORDS[${#needed[@]} + ${#optional[@]}]}\" on; names with blanks go into quotes"
}

# help_show COMMAND
help_show()
{
    printf 'usage: mantova-dossier %s%s [--json]\n\n%s\n' "$1" "${USAGE[$1]:+ ${USAGE[$1]}}" "${HELP[$1]}"
    printf 'Exit status: %s\nWhich database, and as whom: mantova-dossier --help\n' "$STATUSES"
}

# list_show NAME: the commands on that thing; without a name all, and what holds for all of them
list_show()
{
    local name

    printf 'usage: mantova-dossier %s [ARGUMENT...] [--json] [--help]\n\n' "${1:+$1 }COMMAND"
    for name in "${OFFERED[@]}"; do
        [[ -n $1 && $name != "$1 "* ]] || printf '  %-22s %s\n' "$name" "${HELP[$name]%%$'\n'*}"
    done
    [[ -n $1 ]] || printf '\n%s\n' "$ABOUT"
    printf '\nExit status: %s\n' "$STATUSES"
}

readonly STATUSES='0 done; 1 refused, or what was looked for is wrong; 2 not called as its usage says;
3 the database cannot be asked: not reachable, not migrated, or this role may not.'
readonly ABOUT='--help behind a command says more of it. --json answers one JSON document: names in snake_case, times of RFC 3339.
An error is one line on standard error, and standard output stays empty (status and audit verify answer before they say
that something is wrong). Options may stand anywhere; behind -- there are none.

The database is the one that PGHOST, PGPORT, PGUSER, PGDATABASE, PGSERVICE and so on name, as for psql; without them
"dossier" on this machine, as the user postgres if root asks. --database NAME is another name, or a connection string.
From the source, without PGHOST and PGSERVICE, it is that of ./apxs-build.sh start (VAR as there). The role must be a
superuser or a member of dossier_owner: GRANT dossier_owner TO anna lets anna in.'
