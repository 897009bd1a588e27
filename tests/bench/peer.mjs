// The list of documents as an ordinary web team would serve it: Fastify and pg, one process for each core, TLS by Node,
// two prepared statements on the same tables. Started by run.mjs; it ends with whoever started it.
// It has what such a service would have (the session, the rules that most documents meet, a response schema) and is
// spared what would slow it: it writes no access log, counts nothing, asks for no consent, and knows neither visits
// collected at the desk nor hidden documents.
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import Fastify from 'fastify';
import pg from 'pg';

const SESSION = {
  name: 'session',
  text: `SELECT a.id, a.language
    FROM dossier_data.session s JOIN dossier_data.account a ON a.id = s.account_id
    WHERE s.token_hash = $1 AND s.closed_at IS NULL
      AND now() < s.last_seen_at + interval '20 minutes' AND now() < s.created_at + interval '8 hours'`,
};

const DOCUMENTS = {
  name: 'documents',
  text: `SELECT d.id, d.patient_id, d.title, d.type, d.author, f.id AS facility_id, f.name AS facility_name, d.media_type,
      d.size, d.issued_at, d.published_at, d.expires_at, d.version, d.corrected, r.document_id IS NULL AS new
    FROM dossier_data.dossier s
    JOIN dossier_data.document d ON d.patient_id = s.patient_id
    JOIN dossier_data.facility f ON f.id = d.facility_id
    LEFT JOIN dossier_data.document_reading r
      ON r.document_id = d.id AND r.account_id = s.account_id AND r.version = d.version
    WHERE s.account_id = $1 AND s.patient_id = $2 AND s.state = 'active'
      AND d.withdrawn_at IS NULL AND d.deleted_at IS NULL AND d.purged_at IS NULL
      AND d.published_at <= now() AND now() < d.expires_at
      AND (d.class <> 'hiv' OR d.told_by_doctor) AND (d.class = 'ordinary' OR s.relation = 'self')
    ORDER BY d.published_at DESC, d.id DESC LIMIT 51`,
};

const text = { type: 'string' };
const nullable = { type: ['string', 'null'] };
const LIST = {
  type: 'object',
  properties: {
    documents: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          patient_id: text,
          title: text,
          type: text,
          author: nullable,
          facility: { type: 'object', properties: { id: text, name: text } },
          media_type: text,
          size: { type: 'integer' },
          issued_at: text,
          published_at: text,
          expires_at: text,
          version: { type: 'integer' },
          corrected: { type: 'boolean' },
          new: { type: 'boolean' },
        },
      },
    },
    next: nullable,
  },
};

const PARAMETERS = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } };

function documentOf({ facility_id: id, facility_name: name, ...row }) {
  return { ...row, facility: { id, name } };
}

function serve({ port, socket, certificate, key }) {
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  // "2026-11-24 09:00:00.123+00", as the connection is told to speak of time; to_char() in SQL is slower
  pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (said) => `${said.slice(0, 10)}T${said.slice(11, 19)}Z`);
  const pool = new pg.Pool({
    host: socket,
    user: 'dossier_admin',
    database: 'dossier',
    application_name: 'peer',
    options: '-c timezone=UTC',
    max: 10,
    // it has nothing to do while others are measured, and would connect and prepare anew each time; nor does httpd
    idleTimeoutMillis: 0,
  });
  const app = Fastify({ https: { cert: readFileSync(certificate), key: readFileSync(key) } });
  const schema = { params: PARAMETERS, response: { 200: LIST } };
  app.get('/api/v1/patients/:id/documents', { schema }, async (request, reply) => {
    const token = /(?:^|; )__Host-dossier=([\w-]{43})/.exec(request.headers.cookie ?? '')?.[1];
    if (!token) return reply.code(401).send();
    const hash = createHash('sha256').update(token).digest('hex');
    const { rows: accounts } = await pool.query({ ...SESSION, values: [hash] });
    if (!accounts.length) return reply.code(401).send();
    const { rows } = await pool.query({ ...DOCUMENTS, values: [accounts[0].id, request.params.id] });
    reply.header('Cache-Control', 'no-store');
    return { documents: rows.slice(0, 50).map(documentOf), next: null };
  });
  return app.listen({ port, host: '127.0.0.1' });
}

if (cluster.isPrimary) {
  let listening = 0;
  const wanted = availableParallelism();
  process.on('disconnect', () => process.exit(0));
  cluster.on('exit', () => process.exit(1));
  cluster.on('listening', () => ++listening === wanted && process.send('listening'));
  for (let count = 0; count < wanted; count++) cluster.fork();
} else {
  await serve(JSON.parse(process.env.PEER));
}
