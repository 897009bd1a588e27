// Esporta: everything the portal holds of the account, in one file.
import { BASE, get } from '../api.js';
import { h, icon } from '../dom.js';
import { t, tList } from '../i18n.js';
import { callout, problemCallout } from '../messages.js';
import { backLink } from './parts.js';

export function exportScreen() {
  const said = h('div', { role: 'status' });

  /** Asked first whether the login still stands: a download that is refused says nothing on the screen. */
  async function take(event) {
    event.preventDefault();
    try {
      await get('/session');
      location.assign(`${BASE}/export`);
      said.replaceChildren(callout('success', t('export.begun'), h('p', {}, t('export.begun_text'))));
    } catch (error) {
      said.replaceChildren(problemCallout(error));
    }
  }

  return {
    title: t('export.title'),
    above: [backLink('#/profilo', t('profile.back'))],
    content: [
      h('p.lead', {}, t('export.lead')),
      h(
        'ul.plain-list',
        {},
        tList('export.holds').map((line) => h('li', {}, line)),
      ),
      callout('warning', t('export.careful.title'), h('p', {}, t('export.careful.text'))),
      h(
        'div.actions',
        {},
        h(
          'a.btn.btn-primary',
          { href: `${BASE}/export`, download: '', id: 'export', onclick: take },
          icon('download'),
          h('span', {}, t('export.submit')),
        ),
      ),
      said,
    ],
  };
}
