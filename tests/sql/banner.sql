-- What a site shows, as "Italian|English, ...".
CREATE FUNCTION t.shown(p_facility text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws('|', b ->> 'it', b ->> 'en'), ', ' ORDER BY n)
    FROM jsonb_array_elements(t.expect('ok', 'banner_list', jsonb_build_object('facility', p_facility)) -> 'banners')
        WITH ORDINALITY AS x (b, n)
$$;

SELECT t.test('banners: of all and of one facility, each in place of the one before, until they end', $t$
BEGIN
    PERFORM t.integrator();
    PERFORM t.eq('none', t.shown('san-pellegrino'), NULL);
    PERFORM dossier_admin.banner_put('Ritardi', 'Delays', now() + interval '1 hour', 'san-pellegrino');
    PERFORM dossier_admin.banner_put('Stanotte chiuso', 'Closed tonight', now() + interval '2 hours');
    PERFORM t.eq('both', t.shown('san-pellegrino'), 'Stanotte chiuso|Closed tonight, Ritardi|Delays');
    PERFORM t.eq('the other', t.shown('citta-di-suzzara'), 'Stanotte chiuso|Closed tonight');
    PERFORM t.eq('of no facility', t.shown(NULL), 'Stanotte chiuso|Closed tonight');
    PERFORM dossier_admin.banner_put(' Riaperto ', 'Open again', now() + interval '2 hours');
    PERFORM t.eq('in its place', t.shown(NULL), 'Riaperto|Open again');
    PERFORM t.eq('the operator sees', (SELECT string_agg(facility, ' ') FROM dossier_admin.banners()), '(all) san-pellegrino');
    UPDATE dossier_data.banner SET ends_at = now() WHERE facility_id = 'san-pellegrino';
    PERFORM t.eq('ended', t.shown('san-pellegrino'), 'Riaperto|Open again');
    PERFORM t.refused($$SELECT dossier_admin.banner_remove('san-pellegrino')$$, 'no banner is shown for san-pellegrino');
    PERFORM dossier_admin.banner_remove();
    PERFORM t.eq('gone', t.shown('san-pellegrino'), NULL);
    PERFORM t.refused('SELECT dossier_admin.banner_remove()', 'no banner is shown for all facilities');
    PERFORM t.eq('audited', (SELECT string_agg(concat_ws(' ', actor_kind, action, outcome, facility_id), ', ' ORDER BY id)
        FROM dossier_data.audit WHERE action LIKE 'banner%'),
        'operator banner_put ok san-pellegrino, operator banner_put ok, operator banner_put ok, operator banner_removed ok');
END $t$);

SELECT t.test('banners: one line of plain text, for a time to come, at a facility there is', $t$
DECLARE
    v_refusal record;
BEGIN
    FOR v_refusal IN SELECT * FROM (VALUES
        ($$'', 'b', now() + interval '1 hour'$$, 'one line of 1 to 300'),
        ($$'a', NULL, now() + interval '1 hour'$$, 'one line of 1 to 300'),
        ($$'a', E'b\nc', now() + interval '1 hour'$$, 'one line of 1 to 300'),
        ($$repeat('a', 301), 'b', now() + interval '1 hour'$$, 'one line of 1 to 300'),
        ($$'a', '<b>late</b>', now() + interval '1 hour'$$, 'plain text'),
        ($$'a', 'b', now()$$, 'a time to come'),
        ($$'a', 'b', NULL$$, 'a time to come'),
        ($$'a', 'b', now() + interval '32 days'$$, 'a time to come'),
        ($$'a', 'b', now() + interval '1 hour', 'nowhere'$$, 'no facility "nowhere"')) AS x (given, because)
    LOOP
        PERFORM t.refused(format('SELECT dossier_admin.banner_put(%s)', v_refusal.given), v_refusal.because);
    END LOOP;
    PERFORM t.integrator();
    PERFORM dossier_admin.banner_put('Attese < 10 minuti', 'Waits < 10 minutes', now() + interval '1 hour');
    PERFORM t.eq('no tag', t.shown(NULL), 'Attese < 10 minuti|Waits < 10 minutes');
END $t$);
