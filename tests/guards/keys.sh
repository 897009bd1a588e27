# shellcheck shell=bash
# Each key of a JSON object that C sets or reads is a word of the SQL functions or of openapi.yaml: a misspelt one in a
# nested object, or in a result, the compiler does not see. The arguments themselves are held by tests/sql/functions.sh.

# "KEY in FILE"; what outbound/spool.c writes is a file of its own
keys()
{
    find mod_mantova_dossier -name '*.c' ! -path '*/outbound/spool.c' -exec perl -0777 -e '
        for my $file (@ARGV) {
            open my $in, "<", $file or die;
            my $text = <$in>;
            print "$1 in $file\n" while $text =~ /\bdossier_json_(?:set|get)\w*\(\s*[^,;]*?,\s*"(\w+)"/g;
        }' {} + | sort -u
}

violations()
{
    keys | grep -vwFf <({
        cat sql/{api,lib}/*.sql | grep -oE "'\w+'|\bAS \w+" | sed "s/^AS //" | tr -d "'"
        grep -rhoE '\w+' htdocs/openapi mod_mantova_dossier/http/problems.json
    } | sort -u | sed 's/$/ in/') | sed 's/$/: neither SQL nor openapi.yaml has that key/' || true
}

breach()
{
    sed -i 's/dossier_json_set(activation, "key_id"/dossier_json_set(activation, "kei_id"/' mod_mantova_dossier/integration/acceptance.c
}
