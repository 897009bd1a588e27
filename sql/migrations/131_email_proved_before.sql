-- Who had changed the e-mail before its proof was noted had proved it: by the code sent to it.
SET LOCAL search_path = dossier_data, pg_temp;

UPDATE account a SET email_proved_at = l.at
FROM (SELECT DISTINCT ON (account_id) account_id, action, at FROM audit
      WHERE action IN ('email_change_completed', 'email_removed') AND outcome = 'ok' AND account_id IS NOT NULL
      ORDER BY account_id, id DESC) l
WHERE l.account_id = a.id AND l.action = 'email_change_completed' AND a.email IS NOT NULL AND a.email_proved_at IS NULL;
