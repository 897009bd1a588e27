// Pieces that several screens share.
import { get } from '../api.js';
import { birthOf, codiceFiscaleError, normalise } from '../codice_fiscale.js';
import { h, icon, paragraphs } from '../dom.js';
import { TextField } from '../fields.js';
import { formatDate, language, portalLanguage, t, tList } from '../i18n.js';
import { typedCode } from '../typed.js';

/** "Passo 2 di 4", as words and as a bar. */
export function progress(step, steps) {
  return h(
    'div.progress',
    {},
    h('p.progress-text', {}, t('progress', { step, steps })),
    h(
      'div.progress-bar',
      { 'aria-hidden': 'true' },
      Array.from({ length: steps }, (whatever, index) => h(`span${index < step ? '.done' : ''}`)),
    ),
  );
}

export const backLink = (address, text) =>
  h('p.back', {}, h('a', { href: address }, icon('back'), h('span', {}, text)));

const loaded = new Map();

/** A notice, once per kind as long as the page lasts. `anew`: it has changed. */
export async function loadNotice(kind, { anew = false } = {}) {
  if (anew || !loaded.has(kind)) loaded.set(kind, await get(`/notices/${kind}`));
  return loaded.get(kind);
}

export function noticeText(notice) {
  const tongue = portalLanguage();
  const { title, body } = notice[tongue];
  const text = h(
    'section.notice',
    { 'aria-labelledby': 'notice-title', lang: tongue, dir: 'ltr' },
    h('h2', { id: 'notice-title' }, title),
    ...paragraphs(body),
    h(
      'p.notice-version',
      { lang: language(), dir: 'auto' },
      t('notice.version', { version: notice.version, date: formatDate(notice.published_at) }),
    ),
  );
  return tongue === language() ? [text] : [h('p.field-hint', {}, t('notice.not_in_language')), text];
}

/** What comes second on a screen: a line that opens. */
export const more = (title, ...content) =>
  h('details.more', {}, h('summary', {}, h('span', {}, title), icon('forward')), ...content);

/** The same where there is room: seen at once. */
export const moreIfNarrow = (title, ...content) =>
  matchMedia('(min-width: 44em)').matches ? content : more(title, ...content);

// The versions that the words "notice.in_short" are about: of another one they might say what it does not.
const IN_SHORT = { portal: ['2026-01'], dossier: ['2026-01'] };

/** Where consent is asked for: what the notice comes to, and all of it below. */
export function noticeInShort(notice) {
  if (!IN_SHORT[notice.kind]?.includes(notice.version)) return noticeText(notice);
  return [
    h(
      'section.short',
      { 'aria-labelledby': 'notice-short' },
      h('h2', { id: 'notice-short' }, t('notice.short')),
      h(
        'ul',
        {},
        tList(`notice.in_short.${notice.kind}`).map((line) => h('li', {}, line)),
      ),
    ),
    more(t('notice.whole', { version: notice.version }), noticeText(notice)),
  ];
}

function liveCodiceFiscale(typed) {
  const code = normalise(typed);
  if (!code) return null;
  const error = codiceFiscaleError(code);
  if (!error) return { state: 'ok', text: t('fields.codice_fiscale_right') };
  if (error !== 'length') return { state: 'error', text: t(`fields.errors.cf_${error}`) };
  return code.length > 16
    ? { state: 'error', text: t('fields.too_many', { count: code.length - 16 }) }
    : { state: 'info', text: t('fields.missing', { count: 16 - code.length }) };
}

/** Mobile or e-mail, as accounts are named by. */
export const loginField = () =>
  new TextField({
    name: 'login',
    label: t('login.login'),
    hint: t('login.login_hint'),
    clean: typedCode,
    autocomplete: 'username',
    capitals: 'none',
    spellcheck: 'false',
    longest: 254,
  });

/** right(birth): told when the code is right and says when its owner was born. */
export function codiceFiscaleField({ right = () => {}, ...options } = {}) {
  const field = new TextField({
    name: 'codice_fiscale',
    label: t('fields.codice_fiscale'),
    hint: t('fields.codice_fiscale_hint'),
    autocomplete: 'off',
    capitals: 'characters',
    spellcheck: 'false',
    className: '.input-code',
    clean: normalise,
    live: liveCodiceFiscale,
    check: (typed) => {
      const error = codiceFiscaleError(typed);
      return error && `cf_${error}`;
    },
    ...options,
  });
  field.input.addEventListener('input', () => {
    const birth = birthOf(field.value);
    if (birth) right(birth);
  });
  return field;
}
