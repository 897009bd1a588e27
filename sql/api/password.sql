-- The password typed again before something that cannot be undone.

-- The password typed again: counted before it is looked at, like a login, and then good for one step.
-- The way into a session stays open whatever happens here.
CREATE OR REPLACE FUNCTION dossier.password_begin(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_password record;
    v_wait int;
    v_proof uuid;
BEGIN
    IF NOT account_hold(v_account) THEN
        RETURN outcome('unauthenticated'); -- deleted by a request before this one
    END IF;
    v_wait := throttle_wait(throttle_lock('password_again', v_account::text, '1 hour'),
        limit_of('password_wrong_per_hour'), '1 hour');
    IF v_wait > 0 THEN
        PERFORM audit_write('account', v_account, 'password_asked', 'throttled', p ->> 'address');
        RETURN throttled(v_wait, limit_of('password_wrong_per_hour'));
    END IF;
    SELECT password_hash AS hash, password_set_at AS set_at INTO v_password FROM account WHERE id = v_account;
    INSERT INTO password_proof (account_id, password_set_at, hit_at)
    VALUES (v_account, v_password.set_at, throttle_hit('password_again', v_account::text)) RETURNING id INTO v_proof;
    RETURN jsonb_build_object('outcome', 'ok', 'proof', v_proof, 'password_hash', v_password.hash);
END
$$;

CREATE OR REPLACE FUNCTION dossier.password_finish(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_proof password_proof;
BEGIN
    IF NOT account_hold(v_account) THEN
        RETURN outcome('unauthenticated');
    END IF;
    UPDATE password_proof q SET judged_at = now(), is_right = (p ->> 'right')::boolean
        AND EXISTS (SELECT FROM account a WHERE a.id = v_account AND a.password_set_at = q.password_set_at)
    WHERE id = (p ->> 'proof')::uuid AND account_id = v_account AND judged_at IS NULL
    RETURNING * INTO v_proof;
    IF v_proof.id IS NOT NULL AND v_proof.is_right IS NOT FALSE THEN
        PERFORM throttle_forgive('password_again', v_account::text, v_proof.hit_at);
    END IF;
    IF v_proof.is_right THEN
        RETURN outcome('ok');
    ELSIF v_proof.id IS NOT NULL AND v_proof.is_right IS NULL THEN
        RETURN outcome('password_wrong'); -- it was not looked at
    END IF;
    PERFORM audit_write('account', v_account, 'password_asked', 'password_wrong', p ->> 'address');
    RETURN outcome('password_wrong');
END
$$;
