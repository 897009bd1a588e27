#!/usr/bin/env bash
# Holds the source against the rules of the house (CONTRIBUTING.md). Each guard is a file beside this one
# with two functions: `violations` prints a line for each breach in the tree it stands in, and `breach`
# commits one in a copy of the tree. A guard that does not see its own breach fails: a test that cannot
# fail is none.
#   tests/guards/run.sh [name...]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
scratch=$(mktemp -d)
failed=0
guard=
trap 'rm -rf "$scratch"; [[ -z $guard ]] || echo "guards: $guard broke off"' EXIT

(($#)) || {
    set -- "$here"/*.sh
    set -- "${@##*/}"
    set -- "${@%.sh}"
}

copy_tree()
{
    local part

    rm -rf "$scratch/tree"
    mkdir "$scratch/tree"
    for part in mod_mantova_dossier htdocs sql conf docs; do
        [[ ! -e $root/$part ]] || cp -r "$root/$part" "$scratch/tree/"
    done
    cp "$root"/*.md "$scratch/tree/"
}

# in_tree FOLDER GUARD FUNCTION
in_tree()
{
    (
        cd "$1"
        # shellcheck source=/dev/null
        . "$here/$2.sh"
        "$3"
    )
}

for guard in "$@"; do
    [[ $guard != run ]] || continue
    in_tree "$root" "$guard" violations >"$scratch/before"
    copy_tree
    in_tree "$scratch/tree" "$guard" breach
    in_tree "$scratch/tree" "$guard" violations >"$scratch/after"
    if [[ -s $scratch/before ]]; then
        printf '%s:\n' "$guard"
        sed 's/^/    /' "$scratch/before"
        failed=1
    fi
    if cmp -s "$scratch/before" "$scratch/after"; then
        printf '%s: does not see its own breach\n' "$guard"
        failed=1
    fi
done
guard=
((failed)) || printf 'guards: no complaints\n'
exit "$failed"
