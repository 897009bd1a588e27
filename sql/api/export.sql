-- Everything the portal holds of an account. Of what its dossiers do not show there is nothing in it.

-- The data, and the documents whose bytes are to follow: each is opened when its turn comes.
CREATE OR REPLACE FUNCTION dossier.export_begin(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM account WHERE id = v_account) THEN
        RETURN outcome('not_found');
    END IF;
    PERFORM audit_write('account', v_account, 'data_exported', 'ok', p ->> 'address');
    RETURN answer('ok', jsonb_build_object('data', jsonb_build_object(
            'exported_at', rfc3339(now()), 'account', export_account(v_account),
            'patients', (SELECT coalesce(jsonb_agg(patient_json(s) ORDER BY s.created_at, s.id), '[]')
                FROM dossier s WHERE s.account_id = v_account AND NOT handed_over(s)),
            'consents', (SELECT coalesce(jsonb_agg(consent_json(c)
                    || jsonb_build_object('address', c.address) ORDER BY c.given_at, c.id), '[]')
                FROM consent c WHERE c.account_id = v_account),
            'acceptances', export_acceptances(v_account),
            'messages', export_messages(v_account)) || export_logins(v_account),
        'documents', (SELECT coalesce(jsonb_agg(document_json(d, v_account) ORDER BY d.published_at, d.id), '[]')
            FROM dossier s JOIN document d ON d.patient_id = s.patient_id
            WHERE s.account_id = v_account AND document_visible(d, s))));
END
$$;
