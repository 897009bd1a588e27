// The words of the pages: i18n/<language>.json, and dates as people of that language write them.

export const LANGUAGES = ['it', 'en', 'de', 'ar'];
const RIGHT_TO_LEFT = new Set(['ar']);
const KEPT = 'language';
const ZONE = 'Europe/Rome'; // the hospitals' days, wherever the reader is

let dictionary = {};
let current = LANGUAGES[0];

export const language = () => current;

/** The language of notices, messages and the portal's answers: those speak Italian and English. */
export const portalLanguage = () => (current === 'it' ? 'it' : 'en');

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/** Logging out clears the browser's storage, this choice included: called again afterwards. */
export function keepLanguage() {
  try {
    localStorage.setItem(KEPT, current);
  } catch {
    // then it is asked of the browser each time
  }
}

/** What was chosen before, else the first language of the browser that the pages speak, else Italian. */
export function preferredLanguage() {
  const wanted = [kept(), ...(navigator.languages ?? [])].map((tag) => tag?.slice(0, 2).toLowerCase());
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? LANGUAGES[0];
}

/** Throws when the dictionary cannot be fetched; the language stays as it was. */
export async function loadLanguage(wanted) {
  const answer = await fetch(`/i18n/${wanted}.json`);
  if (!answer.ok) throw new Error(`i18n ${wanted}: ${answer.status}`);
  dictionary = await answer.json();
  current = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = RIGHT_TO_LEFT.has(wanted) ? 'rtl' : 'ltr';
}

const find = (key) => key.split('.').reduce((node, part) => node?.[part], dictionary);

/** Whether there is a text of this key: for what the portal names, which may be newer than the pages. */
export const has = (key) => find(key) !== undefined;

/** The text of a key ("login.title") with {name} filled in. A text with forms is chosen by {count}. */
export function t(key, values = {}) {
  let text = find(key);
  if (text && typeof text === 'object' && 'other' in text) {
    text = text[new Intl.PluralRules(current).select(values.count)] ?? text.other;
  }
  if (typeof text !== 'string') {
    console.error(`i18n: ${current} has no text ${key}`);
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Several texts under one key, as a list. */
export function tList(key) {
  const list = find(key);
  if (Array.isArray(list)) return list;
  console.error(`i18n: ${current} has no list ${key}`);
  return [];
}

// digits as they stand on the slip, in Arabic too
const LOCALES = { en: 'en-GB', ar: 'ar-EG-u-nu-latn-ca-gregory' };
const locale = () => LOCALES[current] ?? current;
const format = (options) => new Intl.DateTimeFormat(locale(), { timeZone: ZONE, ...options });

/** 24 novembre 2026 */
export const formatDate = (time) => format({ day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(time));

/** martedì 24 novembre 2026 */
export const formatDay = (time) =>
  format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(time));

/** 24 novembre 2026, 15:42 */
export const formatMoment = (time) =>
  format({
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(time));

/** 15:42 */
export const formatTime = (time) =>
  format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(time));

/** 2026-11-24: what two times of one day share. */
export const dayOf = (time) => new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(new Date(time));

/** 48 kB */
export function formatSize(bytes) {
  const unit = bytes < 1e6 ? 'kilobyte' : 'megabyte';
  const value = bytes / (bytes < 1e6 ? 1e3 : 1e6);
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(
    value,
  );
}

/** Seconds in words: 45 secondi, 3 minuti. */
export function formatWait(seconds) {
  const [unit, value] =
    seconds < 90
      ? ['second', seconds]
      : seconds < 5400
        ? ['minute', Math.ceil(seconds / 60)]
        : ['hour', Math.ceil(seconds / 3600)];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** Fills in what index.html holds: data-text is the text of an element, data-label its name. */
export function translatePage() {
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll('[data-label]'))
    element.setAttribute('aria-label', t(element.dataset.label));
}
