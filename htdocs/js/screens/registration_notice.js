// Registrati, 1: the notice, and the consent to it.
import { h } from '../dom.js';
import { TickField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { keepRegistration, registration } from '../registration.js';
import { loadNotice, noticeInShort, progress } from './parts.js';

export async function registrationNotice({ go }) {
  const notice = await loadNotice('portal');
  const draft = { consent: registration.consent === notice.version };
  const form = createForm({
    draft,
    changed() {
      registration.consent = draft.consent ? notice.version : null;
      keepRegistration();
    },
    submit: t('fields.next'),
    fields: [
      new TickField({ name: 'consent', label: t('registration.consent'), required: t('fields.errors.consent') }),
    ],
    async send() {
      go('#/registrati/profilo');
    },
  });
  return {
    title: t('registration.title'),
    above: [progress(1, 4)],
    content: [
      h(
        'div.needed',
        {},
        h('h2', {}, t('registration.needed.title')),
        h('ul', {}, h('li', {}, t('registration.needed.codice_fiscale')), h('li', {}, t('registration.needed.mobile'))),
      ),
      noticeInShort(notice),
      form.element,
    ],
  };
}
