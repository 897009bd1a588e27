// The yardsticks that httpd itself gives: a site beside the portal in the same Apache, with static files, one SELECT
// through mod_dbd, and a file that mod_auth_form and mod_session_dbd guard.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNTS, SIZES } from './subject.mjs';
import { ask } from './programs.mjs';

const HOST = 'yardstick.localhost';
const PASSWORD = 'quattro gatti sul tetto';
const SMALL = 'of 12 bytes';
const MODULES = ['rewrite', 'request', 'auth_form', 'authn_core', 'authn_file', 'authz_user', 'session_dbd'];

const fileOf = (size) => `${size.replaceAll(' ', '-')}.txt`;

export class Site {
  constructor(folder) {
    this.folder = join(folder, 'site');
    this.users = join(folder, 'users');
    this.configuration = join(folder, 'yardsticks.conf');
    mkdirSync(this.folder);
    const hash = createHash('sha1').update(PASSWORD).digest('base64');
    writeFileSync(
      this.users,
      Array.from({ length: ACCOUNTS }, (_, number) => `user-${number}:{SHA}${hash}\n`).join(''),
    );
    writeFileSync(this.configuration, this.text());
    this.write(SMALL, 'twelve bytes');
    for (const file of [folder, this.folder]) chmodSync(file, 0o755); // the servers' user reads in it
  }

  text() {
    return `
${MODULES.map((name) => `LoadModule ${name}_module "\${MODULES}/mod_${name}.so"`).join('\n')}
DossierSpool "\${VAR}/outbox"
<VirtualHost *:\${PORT}>
    ServerName ${HOST}
    SSLEngine on
    DocumentRoot "${this.folder}"
    <Directory "${this.folder}">
        Require all granted
    </Directory>
    RewriteEngine On
    RewriteMap one "dbd:SELECT 'of-12-bytes.txt' WHERE %s <> ''"
    RewriteRule "^/select$" "/\${one:x}" [PT]

    # as the portal's own connections, and with the same settings
    DBDriver pgsql
    DBDParams "host='\${SOCK}' dbname=dossier user=dossier_app options='-c search_path=bench'"
    DBDPersist On
    DBDMin 1
    DBDKeep 4
    DBDMax 12
    DBDExptime 300
    DBDPrepareSQL "DELETE FROM session WHERE key = %s" deletesession
    DBDPrepareSQL "UPDATE session SET value = %s, expiry = %lld, key = %s WHERE key = %s" updatesession
    DBDPrepareSQL "INSERT INTO session (value, expiry, key) VALUES (%s, %lld, %s)" insertsession
    DBDPrepareSQL "SELECT value FROM session WHERE key = %s AND (expiry = 0 OR expiry > %lld)" selectsession
    DBDPrepareSQL "DELETE FROM session WHERE expiry <> 0 AND expiry < %lld" cleansession
    <LocationMatch "^/(login|guarded.json)$">
        Session On
        SessionMaxAge 1200
        SessionExpiryUpdateInterval 30
        SessionDBDCookieName yardstick path=/
        AuthType form
        AuthName yardstick
        AuthFormProvider file
        AuthUserFile "${this.users}"
        # the password is looked at when somebody logs in, not at each request
        AuthFormSitePassphrase "${PASSWORD}"
    </LocationMatch>
    <Location "/guarded.json">
        Require valid-user
    </Location>
    <Location "/login">
        SetHandler form-login-handler
        AuthFormLoginSuccessLocation /guarded.json
    </Location>
</VirtualHost>
`;
  }

  write(size, bytes) {
    writeFileSync(join(this.folder, fileOf(size)), bytes);
  }

  /** What can be made only when the portal is there: files as large as its answers, sessions in its database. */
  async join(subject, list) {
    this.port = subject.port;
    for (const [size, length] of Object.entries(SIZES)) this.write(size, subject.pdf(length));
    writeFileSync(join(this.folder, 'guarded.json'), list);
    subject.portal.sql(
      `CREATE SCHEMA bench;
       CREATE TABLE bench.session (key text PRIMARY KEY, value text NOT NULL, expiry bigint NOT NULL);
       CREATE TABLE bench.upload (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE,
         created_at timestamptz NOT NULL DEFAULT now());
       GRANT USAGE ON SCHEMA bench TO dossier_app;
       GRANT SELECT, INSERT, UPDATE, DELETE ON bench.session TO dossier_app`,
    );
    this.cookies = await Promise.all(Array.from({ length: ACCOUNTS }, (_, number) => this.logIn(`user-${number}`)));
  }

  async logIn(user) {
    const form = new URLSearchParams({ httpd_username: user, httpd_password: PASSWORD }).toString();
    const headers = {
      Host: `${HOST}:${this.port}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': Buffer.byteLength(form),
    };
    const answer = await ask(this.port, { method: 'POST', path: '/login', headers }, form);
    const cookie = /^(yardstick=[^;]+)/.exec(answer.headers['set-cookie']?.[0] ?? '')?.[1];
    assert.ok(answer.status === 302 && cookie, `mod_auth_form: ${answer.status} ${JSON.stringify(answer.headers)}`);
    return cookie;
  }

  // ---- loads

  load(path, headers = [{}]) {
    const Host = `${HOST}:${this.port}`;
    return { port: this.port, requests: headers.map((more) => ({ method: 'GET', path, headers: { Host, ...more } })) };
  }

  static(size = SMALL) {
    return this.load(`/${fileOf(size)}`);
  }

  select() {
    return this.load('/select');
  }

  guarded() {
    return this.load(
      '/guarded.json',
      this.cookies.map((Cookie) => ({ Cookie })),
    );
  }
}
