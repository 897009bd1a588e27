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
    RETURN answer('ok', json_build_object('data', json_build_object(
            'exported_at', rfc3339(now()), 'account', export_account(v_account),
            'patients', (SELECT coalesce(json_agg(v.told ORDER BY (v.dossier).created_at, (v.dossier).id), '[]')
                FROM patients_told() v WHERE v.account_id = v_account AND v.kept),
            'consents', (SELECT coalesce(jsonb_agg(c.told::jsonb || jsonb_build_object('address', c.address)
                    ORDER BY c.given_at, c.id), '[]') FROM consents_told(v_account) c),
            'acceptances', (SELECT told FROM export_acceptances(v_account)),
            'messages', (SELECT told FROM export_messages(v_account)),
            'sessions', (SELECT told FROM export_sessions(v_account)),
            'devices', (SELECT told FROM export_devices(v_account))),
        'documents', (SELECT coalesce(json_agg(v.told ORDER BY (v.document).published_at, (v.document).id), '[]')
            FROM dossier_documents() v WHERE v.account_id = v_account AND v.visible)));
END
$$;
