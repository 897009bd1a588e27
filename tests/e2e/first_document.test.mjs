// The first document with curl of docs/integrators.md, as an integrator and a patient would type it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { desk, expect, portal, test } from './lib/suite.mjs';
import { makePdf } from './lib/pdf.mjs';
import { person } from './lib/people.mjs';
import { commandsOf } from './lib/docs.mjs';

function run(script, options) {
  return new Promise((done, fail) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', fail);
    child.on('close', (status) => done({ status, output }));
  });
}

for (const time of ['once', 'twice']) {
  test(`the curl commands of the first document work: ${time}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dossier-curl-'));
    const report = makePdf('Referto');
    writeFileSync(join(folder, 'report.pdf'), report);
    const of = person();
    const { status, output } = await run(commandsOf('integrators.md', 'e2e: curl'), {
      cwd: folder,
      env: {
        ...process.env,
        URL: `https://localhost:${portal.port}`,
        KEY: portal.keys.desk,
        VAR: portal.VAR,
        CURL_CA_BUNDLE: join(portal.VAR, 'tls', 'cert.pem'),
        CODICE_FISCALE: of.codice_fiscale,
        FIRST_NAME: of.first_name,
        LAST_NAME: of.last_name,
        BIRTH_DATE: of.birth_date,
        MOBILE: of.mobile,
        EMAIL: of.email,
      },
    });
    assert.equal(status, 0, output);
    assert.ok(readFileSync(join(folder, 'downloaded.pdf')).equals(report), output);
    rmSync(folder, { recursive: true });
    expect(await desk.get('/status'), 200);
  });
}
