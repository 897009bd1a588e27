// The privacy notice, and what this service keeps in the browser. Open to anyone, logged in or not.
import { h } from '../dom.js';
import { t, tList } from '../i18n.js';
import { loadNotice, noticeText } from './parts.js';

const list = (key) => h('ul', {}, tList(key).map((line) => h('li', {}, line)));

export async function privacy() {
  const notice = await loadNotice('portal');
  return {
    title: t('privacy.title'),
    content: [
      h('p.lead', {}, t('privacy.lead')),
      noticeText(notice),
      h('section.aside', {}, h('h2', {}, t('privacy.cookies.title')), h('p', {}, t('privacy.cookies.text')), list('privacy.cookies.list'), h('p', {}, t('privacy.cookies.banner'))),
      h('section.aside', {}, h('h2', {}, t('privacy.rights.title')), h('p', {}, t('privacy.rights.text')), list('privacy.rights.list')),
    ],
  };
}
