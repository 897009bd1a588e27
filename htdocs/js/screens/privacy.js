// The privacy notice, and what this service keeps in the browser. Open to anyone, logged in or not.
import { get } from '../api.js';
import { h } from '../dom.js';
import { t, tList } from '../i18n.js';
import { currentAccount } from '../session.js';
import { backLink, loadNotice, noticeText } from './parts.js';

const list = (key) =>
  h(
    'ul',
    {},
    tList(key).map((line) => h('li', {}, line)),
  );

export async function privacy() {
  const notice = await loadNotice('portal');
  return {
    title: t('privacy.title'),
    content: [
      h('p.lead', {}, t('privacy.lead')),
      noticeText(notice),
      h('p.after', {}, h('a', { href: '#/informative/dossier' }, t('privacy.dossier'))),
      h(
        'section.aside',
        {},
        h('h2', {}, t('privacy.cookies.title')),
        h('p', {}, t('privacy.cookies.text')),
        list('privacy.cookies.list'),
        h('p', {}, t('privacy.cookies.banner')),
      ),
      h(
        'section.aside',
        {},
        h('h2', {}, t('privacy.rights.title')),
        h('p', {}, t('privacy.rights.text')),
        list('privacy.rights.list'),
      ),
    ],
  };
}

/** A notice as it was agreed to, or as it stands today. */
export async function noticeScreen({ kind, version }) {
  const query = version ? `?${new URLSearchParams({ version })}` : '';
  const notice = await get(`/notices/${encodeURIComponent(kind)}${query}`);
  return {
    title: t(`consent.notices.${notice.kind}`),
    above: [currentAccount() ? backLink('#/consensi', t('consent.back')) : backLink('#/privacy', t('privacy.title'))],
    content: [noticeText(notice)],
  };
}
