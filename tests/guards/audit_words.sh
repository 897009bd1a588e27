# shellcheck shell=bash
# Each line of the audit that a patient can see has words in every dictionary of the pages, done and refused, and no
# words are there for what SQL does not write.

# What is concealed from everybody: actions that a rule of sql/lib/ names as a list.
concealed()
{
    sed -n "s/.*p_action IN (\('[^)]*'\)).*/\1/p" sql/lib/*.sql | tr -d "' " | tr ',' '\n' | sort
}

# "done ACTION" and "refused ACTION", of every call of audit_write() whose line an account sees (activity_lines()).
written()
{
    cat sql/{api,lib,admin}/*.sql | perl -0777 -ne '
        s/--.*//g;
        my %kinds = map { $_ => 1 } qw(password_reset mobile_change email_change); # of account_change
        my %steps = map { $_ => 1 } /account_change_audit\([^;]*?\x27(started|code_renewed|tried|completed)\x27/g;
        for my $function (split /^(?=CREATE OR REPLACE FUNCTION )/m) {
            while ($function =~ /(?<!FUNCTION dossier_lib\.)audit_write(\((?:[^()\x27]|\x27[^\x27]*\x27|(?1))*\))/g) {
                my ($arguments, $text) = (substr($1, 1, -1), "");
                my @words = ("");
                while ($arguments =~ /\G(\x27[^\x27]*\x27|(\((?:[^()\x27]|\x27[^\x27]*\x27|(?2))*\))|,|.)/gs) {
                    $1 eq "," ? push @words, "" : ($words[-1] .= $1);
                }
                s/^\s+|\s+$//g for @words;
                my ($actor, $action, $outcome) = @words[0, 2, 3];
                my ($account, $patient) = map { my $name = $_; scalar grep { /^$name\s*=>/ } @words } qw(account patient);
                my $own = $actor eq "\x27account\x27" || ($account && $actor !~ /system|operator/);
                next unless $own || $account || ($patient && $actor =~ /integrator|system/);
                my @actions;
                if ($action =~ /^p_kind/) {
                    for my $kind (keys %kinds) { push @actions, map { "${kind}_$_" } keys %steps }
                } else {
                    $action = $1 if $action =~ /^v_/ && $function =~ /\b$action text :=(.*?);/s;
                    $action =~ s/(WHEN|=)\s*\x27[^\x27]*\x27//g;
                    @actions = $action =~ /\x27(\w+)\x27/g or print "unknown $action in " . substr($function, 0, 80) . "\n";
                }
                my $never = $outcome =~ /^([vp]_refusal\b.*|\x27(?!ok)\w+\x27)$/s; # only ever refused
                for (@actions) {
                    print "done $_\n" unless $never;
                    print "refused $_\n" if $own && $outcome ne "\x27ok\x27";
                }
            }
        }' | grep -vwFf <(concealed) | sort -u
}

violations()
{
    local language

    written | grep '^unknown' | sed 's/^unknown/an action that this guard cannot read:/' || true
    for language in htdocs/i18n/*.json; do
        diff <(written | grep -v '^unknown') <(jq -r '.activity | {done, refused} | to_entries[] | .key as $how
            | .value | keys[] | select(. != "other") | "\($how) \(.)"' "$language" | sort -u) |
            sed -n "s|^< \(.*\)|${language##*/} has no activity words for: \1|p; s|^> \(.*\)|${language##*/} has activity words that nothing writes: \1|p" || true
    done
}

breach()
{
    sed -i "s/'account', v_account, 'logout', 'ok'/'account', v_account, 'logged_out', 'ok'/" sql/api/session.sql
}
