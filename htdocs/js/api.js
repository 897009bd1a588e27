// The portal's JSON endpoints (openapi.yaml). The session is a cookie that scripts cannot read.
import { portalLanguage } from './i18n.js';

export const BASE = '/api/v1';
const URN = 'urn:mantova-dossier:problem:';
const PATIENCE = 25_000; // ms; a slow line needs seconds, a dead one never answers
const PAUSES = [500, 2000]; // ms before reading is tried again

/** A refusal of the portal: what it says in words, and `name` to decide by. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.title ?? String(status));
    this.status = status;
    this.name = body.type?.startsWith(URN) ? body.type.slice(URN.length) : 'unknown';
    this.title = body.title;
    this.detail = body.detail;
    this.errors = body.errors ?? [];
    this.retryAfter = body.retry_after ?? retryAfter;
    this.body = body;
  }
}

/** No answer arrived: nothing is known about what happened. */
export class NoConnection extends Error {
  name = 'no-connection';
}

const listeners = { answered: [], unauthenticated: [], 'account-changed': [] };

/** on('answered'): the session is alive; on('unauthenticated'): it is not; on('account-changed'): it is another account's. */
export function on(event, listener) {
  listeners[event].push(listener);
}

let shown = null;

/** Whose screen this is, an account's id or null: said with every request, for a login in another tab takes the cookie over. */
export function showAccount(id) {
  shown = id;
}

const tell = (event) => listeners[event].forEach((listener) => listener());

const headersOf = (body) => ({
  'Accept-Language': portalLanguage(),
  ...(shown && { 'Dossier-Account': shown }),
  ...(body !== undefined && { 'Content-Type': 'application/json' }),
});

async function attempt(method, path, body) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PATIENCE);
  try {
    const answer = await fetch(BASE + path, {
      method,
      headers: headersOf(body),
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: controller.signal,
    });
    return { answer, text: await answer.text() };
  } catch {
    throw new NoConnection();
  } finally {
    clearTimeout(timer);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // something between us and the portal answered in its place
  }
}

async function request(method, path, body) {
  const { answer, text } = await attempt(method, path, body);
  const json = text ? parse(text) : {};
  if (!answer.ok) {
    const problem = new Problem(answer.status, json, Number(answer.headers.get('Retry-After')) || undefined);
    if (problem.name === 'unauthenticated' || (method === 'HEAD' && answer.status === 401)) tell('unauthenticated');
    if (problem.name === 'account-changed') tell('account-changed');
    throw problem;
  }
  tell('answered');
  return json;
}

const worthAnotherTry = (error) => error instanceof NoConnection || error.status === 503 || error.status === 502;

/** Reading may be repeated without harm, so a line that drops for a moment is not noticed. */
export async function get(path) {
  for (const pause of PAUSES) {
    try {
      return await request('GET', path);
    } catch (error) {
      if (!worthAnotherTry(error) || navigator.onLine === false) throw error;
    }
    await new Promise((done) => setTimeout(done, pause));
  }
  return request('GET', path);
}

/**
 * What anybody may know and the browser may keep. Without the session: that a page looks for news keeps nobody logged in.
 * null when there is no answer within `patience` ms.
 */
export async function glance(path, patience) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), patience);
  try {
    const answer = await fetch(BASE + path, {
      headers: headersOf(),
      credentials: 'omit',
      redirect: 'error',
      signal: controller.signal,
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

export const post = (path, body) => request('POST', path, body);
export const put = (path, body) => request('PUT', path, body);
export const patch = (path, body) => request('PATCH', path, body);
export const remove = (path, body) => request('DELETE', path, body);

/** Whether a document could be read now; does not count as reading it. */
export const head = (path) => request('HEAD', path);

/** The answer that holds a document's bytes. */
export async function contentOf(id) {
  const answer = await fetch(contentAddress(id, 'attachment'), {
    headers: headersOf(),
    cache: 'no-store',
    credentials: 'same-origin',
  });
  if (!answer.ok)
    throw await get(`/documents/${encodeURIComponent(id)}`).then(
      () => new NoConnection(),
      (problem) => problem,
    ); // in words
  return answer;
}

/** The address of a document's bytes. `disposition`: inline or attachment. */
export const contentAddress = (id, disposition) => `${BASE}${contentPath(id, disposition)}`;
export const contentPath = (id, disposition) =>
  `/documents/${encodeURIComponent(id)}/content?disposition=${disposition}`;
