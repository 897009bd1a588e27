// What the pages tell besides their content: callouts, and problems with what to do about them.
import { NoConnection } from './api.js';
import { h, icon } from './dom.js';
import { formatWait, t, tList } from './i18n.js';

const ICONS = { danger: 'alert', warning: 'alert', info: 'info', success: 'check' };

/** kind: danger, warning, info or success. */
export function callout(kind, title, ...content) {
  return h(
    `div.callout.callout-${kind}`,
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
  'email-taken': ['#/registrati/profilo', 'problems.correct_profile'],
  'notice-outdated': [null, 'problems.read_again'],
};

function words(error) {
  if (error instanceof NoConnection) return { title: t('problems.no_connection.title'), detail: t('problems.no_connection.detail') };
  if (error.title) return { title: error.title, detail: error.detail };
  return { title: t('problems.unknown.title'), detail: t('problems.unknown.detail') };
}

function more({ name, body, retryAfter }) {
  const texts = [];
  if (name === 'code-wrong' && body.tries_left !== undefined) texts.push(h('p', {}, t('problems.tries_left', { count: body.tries_left })));
  if (retryAfter && name === 'throttled') texts.push(h('p', {}, t('problems.wait', { time: formatWait(retryAfter) })));
  if (ADVICE.has(name)) texts.push(h('ul', {}, tList(`problems.advice.${name}`).map((line) => h('li', {}, line))));
  return texts;
}

/**
 * A problem as a callout. `ways` may replace where a problem's way on leads:
 * {'notice-outdated': '#/registrati'}.
 */
export function problemCallout(error, ways = {}) {
  const { title, detail } = words(error);
  const [address, key] = WAYS[error.name] ?? [];
  const target = ways[error.name] ?? address;
  return callout(
    'danger',
    title,
    detail ? h('p', {}, detail) : null,
    ...(error instanceof NoConnection ? [] : more(error)),
    target ? h('p', {}, h('a.button.button-outline', { href: target }, t(key))) : null,
  );
}
