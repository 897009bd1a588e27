// A client for the portal on node:https: its own address, a cookie jar, no redirects, every answer checked.
import assert from 'node:assert/strict';
import https from 'node:https';
import { randomBytes, randomInt } from 'node:crypto';
import { remember } from './canaries.mjs';
import { checkAnswer } from './contract.mjs';

const TIMEOUT = 60_000;

/** A loopback address of its own, so that throttles by address do not mix between tests. */
export function freshAddress() {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
}

export class Client {
  /**
   * @param {{origin: string, port: number, ca: Buffer}} portal
   * @param {{key?: string, address?: string, host?: string, port?: number, headers?: object}} options
   */
  constructor(portal, options = {}) {
    this.portal = portal;
    this.key = options.key;
    this.address = options.address ?? freshAddress();
    this.host = options.host ?? 'localhost';
    this.port = options.port ?? portal.port;
    this.headers = options.headers ?? {};
    this.cookies = new Map();
    this.agent = this.makeAgent();
    (portal.clients ??= new Set()).add(this);
  }

  makeAgent() {
    return new https.Agent({
      ca: this.portal.ca,
      keepAlive: true,
      maxSockets: 64,
      localAddress: this.address,
      servername: this.host,
    });
  }

  /** The same cookies through another port, host or address. */
  moved(options) {
    const other = new Client(this.portal, {
      key: this.key,
      address: this.address,
      host: this.host,
      port: this.port,
      ...options,
    });
    other.cookies = new Map(this.cookies);
    return other;
  }

  close() {
    this.portal.clients.delete(this);
    this.agent.destroy();
  }

  /** Gives up the connections on which nothing is on its way. */
  rest() {
    Object.values(this.agent.freeSockets)
      .flat()
      .forEach((socket) => socket.destroy());
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  head(path, options) {
    return this.request('HEAD', path, options);
  }

  post(path, json, options) {
    return this.request('POST', path, { json, ...options });
  }

  put(path, json, options) {
    return this.request('PUT', path, { json, ...options });
  }

  patch(path, json, options) {
    return this.request('PATCH', path, { json, ...options });
  }

  delete(path, options) {
    return this.request('DELETE', path, options);
  }

  /** PUT with the parts metadata and file. `file` may be a Buffer, or {size, stream} to be streamed. */
  async publish(externalId, metadata, file, options = {}) {
    rememberSecrets(this.portal.VAR, metadata);
    const parts = options.parts ?? [
      { name: 'metadata', type: 'application/json', data: Buffer.from(JSON.stringify(metadata)) },
      { name: 'file', type: 'application/octet-stream', filename: options.filename ?? 'referto.pdf', data: file },
    ];
    const { type, length, chunks } = multipart(parts);
    const headers = {
      'Content-Type': type,
      ...(options.chunked ? {} : { 'Content-Length': length }),
      ...options.headers,
    };
    return this.request('PUT', `/integration/documents/${externalId}`, {
      ...options,
      headers,
      chunks,
      parts: undefined,
    });
  }

  /**
   * One request. Options: json, text (with headers), chunks (async iterable of Buffers), query, headers,
   * anywhere (see contract.mjs), unchecked (true: the answer is not an answer of a route), onData (instead of keeping the body).
   */
  async request(method, path, options = {}) {
    const full = path.startsWith('/api/') || options.absolute ? path : `/api/v1${path}`;
    const query = options.query ? `?${new URLSearchParams(options.query)}` : '';
    const answer = await this.exchange(method, full + query, options);
    this.keepCookies(answer.headers['set-cookie']);
    if (!options.unchecked) {
      const [bare] = full.split('?');
      const body = options.onData ? Buffer.alloc(0) : answer.body;
      if (!options.onData || answer.status >= 300) {
        answer.json = checkAnswer({
          method,
          path: bare,
          request: options,
          status: answer.status,
          headers: answer.headers,
          body,
          anywhere: options.anywhere,
        });
      }
    }
    return answer;
  }

  requestHeaders(options) {
    const headers = { Host: `${this.host}:${this.port}`, 'User-Agent': 'e2e', ...this.headers };
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    if (this.cookies.size) headers.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (options.json !== undefined) headers['Content-Type'] = 'application/json';
    Object.assign(headers, options.headers);
    for (const [name, value] of Object.entries(headers)) if (value === null) delete headers[name];
    return headers;
  }

  exchange(method, path, options) {
    if (options.chunks || options.again) this.rest();
    rememberSecrets(this.portal.VAR, options.json);
    const payload = options.json !== undefined ? JSON.stringify(options.json) : options.text;
    const headers = this.requestHeaders(options);
    if (payload !== undefined && !options.chunked) headers['Content-Length'] = Buffer.byteLength(payload);
    else if (!options.chunks && method !== 'GET' && method !== 'HEAD') headers['Content-Length'] ??= 0;
    return new Promise((done, failed) => {
      // httpd may close a connection that idles at any moment, after 15 s (conf/run.conf) or when it is busy, and so just
      // before it gets a request, which then was read by nobody: browsers send it again (RFC 9112, 9.3.1), and so does this
      // client, once; what is streamed cannot be sent again, and gets a connection of its own
      const fail = (error) =>
        /^(ECONNRESET|EPIPE)$/.test(error.code) &&
        request.reusedSocket &&
        !answered &&
        !options.chunks &&
        !options.again
          ? this.exchange(method, path, { ...options, again: true }).then(done, failed)
          : failed(error);
      const request = https.request({
        host: '127.0.0.1',
        port: this.port,
        agent: this.agent,
        method,
        path,
        headers,
        setHost: false,
      });
      let answered = false;
      request.setTimeout(options.timeout ?? TIMEOUT, () =>
        request.destroy(new Error(`${method} ${path}: no answer in time`)),
      );
      request.on('error', (error) => answered || fail(error));
      request.on('response', (response) => {
        answered = true;
        read(response, options.onData).then(done, fail);
      });
      if (options.chunks) {
        send(request, options.chunks).catch((error) => {
          request.destroy();
          if (!answered) fail(error);
        });
      } else request.end(payload);
    });
  }

  keepCookies(lines = []) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/max-age=0/i.test(line) || value === '') this.cookies.delete(name);
      else {
        this.cookies.set(name, value);
        remember(this.portal.VAR, value);
      }
    }
  }

  get token() {
    return this.cookies.get('__Host-dossier');
  }
}

const SECRET =
  /^(password|code|activation_code|codice_fiscale|first_name|last_name|mobile|email|login|title|author|birth_place)$/;
const COMMON = new Set(['Mantova', 'Suzzara', 'Mario', 'Rossi', 'Anna', 'Verdi']); // words that say nothing by themselves

/** What a request says about a person must not show up in any log. */
function rememberSecrets(VAR, node) {
  if (!node || typeof node !== 'object') return;
  for (const [name, value] of Object.entries(node)) {
    if (typeof value === 'object') rememberSecrets(VAR, value);
    else if (SECRET.test(name) && typeof value === 'string' && !COMMON.has(value)) remember(VAR, value.trim());
  }
}

async function read(response, onData) {
  const chunks = [];
  response.setTimeout(TIMEOUT);
  for await (const chunk of response) {
    if (onData && response.statusCode < 300) await onData(chunk);
    else chunks.push(chunk);
  }
  assert.ok(response.complete, 'the answer was cut');
  return {
    status: response.statusCode,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: Buffer.concat(chunks),
    get text() {
      return this.body.toString('utf8');
    },
    get problem() {
      return this.json?.type?.replace('urn:mantova-dossier:problem:', '');
    },
  };
}

/** A body that is refused early ends in a reset: the answer counts, not the writing. */
async function send(request, chunks) {
  for await (const chunk of chunks) {
    if (request.destroyed || request.res) return;
    if (!request.write(chunk)) {
      await Promise.race([
        new Promise((done) => request.once('drain', done)),
        new Promise((done) => request.once('close', done)),
        new Promise((done) => request.once('response', done)),
      ]);
    }
  }
  request.end();
}

/** The names of an answer's headers, but for those of the connection: its first answer offers HTTP/2, and a child of httpd
 *  that ends, because it has become quiet, closes it after the answer. */
export const headerNames = ({ headers }) =>
  Object.keys(headers)
    .filter((name) => !['connection', 'keep-alive', 'upgrade'].includes(name))
    .sort();

/** multipart/form-data: {type, length, chunks}. A part's data is a Buffer or {size, stream}. */
export function multipart(parts, boundary = `e2e-${randomBytes(12).toString('hex')}`) {
  const head = (part) =>
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"` +
        `${part.filename ? `; filename="${part.filename}"` : ''}\r\n` +
        `${part.type ? `Content-Type: ${part.type}\r\n` : ''}${part.extra ?? ''}\r\n`,
    );
  const end = Buffer.from(`--${boundary}--\r\n`);
  const size = (data) => (Buffer.isBuffer(data) ? data.length : data.size);
  const length = parts.reduce((sum, part) => sum + head(part).length + size(part.data) + 2, end.length);
  async function* chunks() {
    for (const part of parts) {
      yield head(part);
      if (Buffer.isBuffer(part.data)) yield part.data;
      else yield* part.data.stream();
      yield Buffer.from('\r\n');
    }
    yield end;
  }
  return { type: `multipart/form-data; boundary=${boundary}`, length, chunks: chunks() };
}
