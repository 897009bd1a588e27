// When a screen cannot be shown: why, and what to do.
import { NoConnection } from '../api.js';
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { problemCallout } from '../messages.js';

// of these, asking again makes no sense
const FINAL = new Set([
  'document-expired',
  'document-withdrawn',
  'document-deleted',
  'document-damaged',
  'document-key-missing',
  'not-found',
  'dossier-disabled',
]);

const backHome = () => h('a.btn.btn-outline-primary', { href: '#/' }, t('failure.home'));

/** again: tries the same once more */
export function failure(error, again) {
  if (error.name === 'consent-due') return { elsewhere: '#/consenso' };
  if (!error.status && !(error instanceof NoConnection)) console.error(error);
  const retry = () => {
    window.removeEventListener('online', retry);
    again();
  };
  if (error instanceof NoConnection) window.addEventListener('online', retry, { once: true });
  return {
    title: t(FINAL.has(error.name) ? 'failure.not_here' : 'failure.title'),
    leave: () => window.removeEventListener('online', retry),
    content: [
      h('div', { role: 'alert' }, problemCallout(error)),
      h(
        'div.actions',
        {},
        FINAL.has(error.name)
          ? null
          : h(
              'button.btn.btn-primary',
              { type: 'button', onclick: retry },
              icon('again'),
              h('span', {}, t('failure.again')),
            ),
        backHome(),
      ),
    ],
  };
}

export const missing = () => ({
  title: t('failure.missing.title'),
  content: [h('p', {}, t('failure.missing.text')), h('div.actions', {}, backHome())],
});
