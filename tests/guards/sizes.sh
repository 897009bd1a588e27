# shellcheck shell=bash
# A file one can hold in one's head: 450 lines, unless a program writes it. A function that fits a screen: 60 lines.

violations()
{
    find mod_mantova_dossier sql conf -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' \) -exec wc -l {} + |
        awk '$2 != "total" && $2 != "sql/schema.sql" && $1 > 450 { print $2 " has " $1 " lines: which second job is in it?" }'
    find mod_mantova_dossier -name '*.c' -exec awk '
        FNR == 1 { start = 0 }
        /^\{/ { start = FNR }
        /^\}/ && start {
            if (FNR - start + 1 > 60) print FILENAME ":" start ": a function of " FNR - start + 1 " lines"
            start = 0
        }' {} +
}

breach()
{
    { printf 'static void long_one(void)\n{\n'; printf '    ;\n%.0s' {1..70}; printf '}\n'; } \
        >>mod_mantova_dossier/domain/date.c
}
