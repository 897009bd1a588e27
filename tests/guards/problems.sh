# shellcheck shell=bash
# Each problem that C names is in http/problems.json, and each code of a wrong field in http/messages.json: what is not
# there would be answered 500 or with "The value is not valid."; outcomes of SQL are held by tests/sql/functions.sh.

# named FUNCTION PLACE: "WORD in FILE", each word in quotes that stands in that argument of a call
named()
{
    find mod_mantova_dossier -name '*.c' -exec perl -0777 -e '
        my ($function, $place) = splice @ARGV, 0, 2;
        for my $file (@ARGV) {
            open my $in, "<", $file or die;
            my $text = <$in>;
            while ($text =~ /\b$function(\((?:[^()"]|"(?:[^"\\]|\\.)*"|(?1))*\))/g) {
                my $all = substr($1, 1, -1);
                my @words = ("");
                while ($all =~ /\G("(?:[^"\\]|\\.)*"|(\((?:[^()"]|"(?:[^"\\]|\\.)*"|(?2))*\))|,|.)/gs) {
                    $1 eq "," ? push @words, "" : ($words[-1] .= $1);
                }
                my $word = $words[$place] // "";
                $word =~ s/[!=]=\s*"\w*"|\w+\([^()]*\)//g; # what is only compared with, or asked for
                print "$_ in $file\n" for $word =~ /"(\w+)"/g;
            }
        }' "$1" "$2" {} +
}

# missing CATALOGUE MEMBER: of what named() prints, what the catalogue lacks
missing()
{
    grep -vwFf <(jq -r ".[].$2 | \"\(.) in\"" "mod_mantova_dossier/http/$1.json") |
        sed "s|\$|: not in http/$1.json|" | sort -u || true
}

violations()
{
    { named dossier_problem 1 && named dossier_problem_page 1 && named dossier_problem_fault 1; } | missing problems outcome
    { named dossier_problem_fault 2 && named dossier_problem_field 2 && named 'dossier_fields_error(?:_max)?' 2; } |
        missing messages code
}

breach()
{
    sed -i 's/dossier_problem(x, "not_found"/dossier_problem(x, "not_fuond"/' mod_mantova_dossier/*/*.c
}
