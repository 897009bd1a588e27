// Referti nascosti: out of sight for who looks over the shoulder, shown again with the password.
import { post, put } from '../api.js';
import { h, icon } from '../dom.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { problemCallout } from '../messages.js';
import { fullName, patientOf } from '../people.js';
import { say } from '../said.js';
import { passwordField } from './confirm.js';
import { about } from './dossier.js';
import { backLink } from './parts.js';

const unhide =
  (document, said, go) =>
  async ({ currentTarget }) => {
    currentTarget.disabled = true;
    try {
      await put(`/documents/${document.id}/visibility`, { hidden: false });
      say(t('hiding.shown', { title: document.title }));
      go(`#/fascicolo/${document.patient_id}`);
    } catch (error) {
      currentTarget.disabled = false;
      said.replaceChildren(problemCallout(error));
    }
  };

function row(document, said, go) {
  return h(
    'li.card',
    {},
    h('span.card-icon', {}, icon('document')),
    h(
      'div.card-text',
      {},
      h('h2.card-title', { id: `hidden-${document.id}` }, document.title),
      h('p', {}, about(document)),
      h(
        'div.actions',
        {},
        h(
          'button.btn.btn-outline-primary',
          { type: 'button', 'aria-describedby': `hidden-${document.id}`, onclick: unhide(document, said, go) },
          icon('eye'),
          h('span', {}, t('hiding.show')),
        ),
      ),
    ),
  );
}

export async function hiding({ patient: id, go }) {
  const patient = await patientOf(id);
  if (patient?.dossier !== 'active') return { elsewhere: '#/fascicolo' };
  const list = h('div', { tabindex: '-1', role: 'group', 'aria-label': t('hiding.title') });
  const said = h('div', { role: 'alert' });
  const form = createForm({
    draft: {},
    submit: t('hiding.submit'),
    fields: [passwordField()],
    async send({ password }) {
      const { documents } = await post(`/patients/${id}/hidden-documents`, { password });
      form.element.hidden = true;
      list.replaceChildren(
        documents.length
          ? h(
              'ul.cards',
              {},
              documents.map((document) => row(document, said, go)),
            )
          : h('p', {}, t('hiding.none')),
      );
      list.focus();
    },
  });
  return {
    title: t('hiding.title'),
    patient,
    above: [backLink(`#/fascicolo/${id}`, t('document.back'))],
    content: [h('p.lead', {}, t('hiding.lead', { name: fullName(patient) })), form.element, said, list],
  };
}
