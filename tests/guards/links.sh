# shellcheck shell=bash
# A link in the documentation leads to a file that is there, and to a heading that is in it.

# The anchors of a page, as its readers' browsers have them.
anchors()
{
    grep -E '^#+ ' "$1" | sed -E 's/^#+ //' | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

violations()
{
    local page link file

    for page in *.md docs/*.md; do
        while read -r link; do
            file=$(dirname "$page")/${link%%#*}
            [[ $link != \#* ]] || file=$page
            if [[ ! -e $file ]]; then
                echo "$page leads to $link, which is not there"
            elif [[ $link == *#* ]] && ! grep -qxF "${link#*#}" < <(anchors "$file"); then
                echo "$page leads to $link, which is not a heading"
            fi
        done < <(tr '\n' ' ' <"$page" | grep -oE '\]\([^) ]+\)' | sed -E 's/^\]\(|\)$//g' | grep -vE '^https?:')
    done
}

breach()
{
    sed -i 's/^## Backup and restore$/## Keeping it/' docs/operators.md
}
