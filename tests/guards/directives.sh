# shellcheck shell=bash
# Every directive is explained to the sysadmin, and nothing is explained that does not exist.

directives()
{
    tr '\n' ' ' <mod_mantova_dossier/config/directives.c | # an entry may be broken over lines
        grep -oE 'AP_INIT_[A-Z0-9_]+\( *"[A-Za-z]+"' | cut -d'"' -f2
}

violations()
{
    local name file

    for file in docs/operators.md conf/mantova-dossier.conf; do
        while read -r name; do
            grep -qsw "$name" "$file" || echo "$name is missing in $file"
        done < <(directives)
        while read -r name; do
            grep -qx "$name" < <(directives) || echo "$file speaks of $name, which is no directive"
        done < <(grep -ohsE '\bDossier[A-Z][A-Za-z]+' "$file" | sort -u)
    done
}

breach()
{
    sed -i 's/AP_INIT_FLAG("DossierEngine"/AP_INIT_FLAG("DossierNovelty"/' mod_mantova_dossier/config/directives.c
}
