# shellcheck shell=bash
# Each log id names one line of the source, and the sysadmin finds it in docs/operators.md.

log_ids()
{
    grep -rhoE --include='*.c' 'DOS[0-9]{4}:' mod_mantova_dossier | tr -d : | sort
}

violations()
{
    log_ids | uniq -d | sed 's/$/ is used more than once/'
    comm -23 <(log_ids | uniq) <(grep -oE '\bDOS[0-9]{4}\b' docs/operators.md | sort -u) |
        sed 's|$| is missing in docs/operators.md|'
    comm -13 <(log_ids | uniq) <(grep -oE '\bDOS[0-9]{4}\b' docs/operators.md | sort -u) |
        sed 's|$| stands in docs/operators.md but nothing logs it|'
}

breach()
{
    sed -i '0,/DOS[0-9]\{4\}:/s//DOS0999:/' mod_mantova_dossier/config/config_check.c
}
