// What the pages tell besides their content: callouts, and problems with what to do about them.
import { NoConnection } from './api.js';
import { deskPart } from './desk.js';
import { h, icon } from './dom.js';
import { formatWait, has, t, tList } from './i18n.js';

const ICONS = { danger: 'alert', warning: 'alert', note: 'info', success: 'check' };

/** kind: danger, warning, note or success. */
export function callout(kind, title, ...content) {
  return h(
    `div.callout.${kind}`,
    {},
    icon(ICONS[kind]),
    h('div.callout-text', {}, title ? h('p.callout-title', {}, title) : null, ...content),
  );
}

// what helps with a problem: a list of things to look at, or a way on
const ADVICE = new Set(['activation-wrong', 'activation-used', 'activation-expired', 'code-wrong', 'login-failed']);
const WAYS = {
  'mobile-taken': ['#/accedi', 'login.title'],
  'patient-taken': ['#/accedi', 'login.title'],
  'code-used': ['#/accedi', 'login.title'],
  'registration-closed': ['#/registrati', 'problems.register_again'],
  'notice-outdated': [null, 'problems.read_again'],
  'dossier-disabled': ['#/cancellazione', 'leaving.title'],
  'code-expired': [null, 'problems.start_again'],
  'change-closed': [null, 'problems.start_again'],
  throttled: [null, 'no_stranger.way'],
};

/** {title, detail}: the portal's own words in the languages it speaks, the dictionary's in the others. */
export function wordsOf(error) {
  if (error instanceof NoConnection)
    return { title: t('problems.no_connection.title'), detail: t('problems.no_connection.detail') };
  const key = `portal.problems.${error.name}`;
  if (has(key)) return { title: t(`${key}.title`), detail: t(`${key}.detail`) };
  if (error.title) return { title: error.title, detail: error.detail };
  return { title: t('problems.unknown.title'), detail: t('problems.unknown.detail') };
}

/** What is wrong with one field, of an entry of a problem's `errors`. */
export const fieldWords = ({ code, message, ...values }) =>
  has(`portal.fields.${code}`) ? t(`portal.fields.${code}`, values) : message;

function more({ name, body, retryAfter }) {
  const texts = [];
  if (name === 'code-wrong' && body.tries_left !== undefined)
    texts.push(h('p', {}, t('problems.tries_left', { count: body.tries_left })));
  if (retryAfter && name === 'throttled') texts.push(h('p', {}, t('problems.wait', { time: formatWait(retryAfter) })));
  if (ADVICE.has(name))
    texts.push(
      h(
        'ul',
        {},
        tList(`problems.advice.${name}`).map((line) => h('li', {}, line)),
      ),
    );
  return texts;
}

/**
 * A problem as a callout. `ways` may replace where a problem's way on leads:
 * {'notice-outdated': '#/registrati'}, or [address, key of its words]; a function makes the whole callout.
 * typed: something was, and is still there.
 */
export function problemCallout(error, ways = {}, { typed = false } = {}) {
  if (typeof ways[error.name] === 'function') return ways[error.name](error);
  const { title, detail } = wordsOf(error);
  const [address, key] = WAYS[error.name] ?? [];
  const [target, words = key] = [ways[error.name] ?? address].flat();
  const atDesk = error.body?.desk || !(error instanceof NoConnection || error.title); // what is said sends there
  return callout(
    'danger',
    title,
    detail ? h('p', {}, detail) : null,
    ...(error instanceof NoConnection ? [typed && h('p', {}, t('problems.kept'))] : more(error)),
    atDesk ? deskPart() : null,
    target ? h('p', {}, h('a.btn.btn-outline-primary', { href: target }, t(words))) : null,
  );
}
