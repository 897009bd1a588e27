// The visits of a person, and for each whether its reports come here: who wants one on paper only says so.
import { get, put } from '../api.js';
import { h } from '../dom.js';
import { formatDate, t } from '../i18n.js';
import { callout, problemCallout } from '../messages.js';
import { fullName, patientOf } from '../people.js';
import { backLink } from './parts.js';

function row(patient, acceptance) {
  const id = `visit-${acceptance.id}`;
  const said = h('div', { role: 'status' });
  const box = h('input.tick', {
    type: 'checkbox',
    id,
    checked: acceptance.online_pickup,
    onchange: () => (box.checked ? change(true) : ask()),
  });

  /** Reports that vanish are asked for first; nothing has happened until then. */
  function ask() {
    const cancel = h('button.btn.btn-outline-primary', { type: 'button', onclick: back }, t('pickup.keep'));
    said.replaceChildren(
      callout(
        'warning',
        t('pickup.ask'),
        h('p', {}, t('pickup.what')),
        h(
          'div.actions',
          {},
          h('button.btn.btn-danger', { type: 'button', onclick: () => change(false) }, t('pickup.confirm')),
          cancel,
        ),
      ),
    );
  }

  function back() {
    box.checked = true;
    said.replaceChildren();
    box.focus();
  }

  async function change(wanted) {
    box.disabled = true;
    try {
      await put(`/patients/${patient}/acceptances/${acceptance.id}`, { online_pickup: wanted });
      said.replaceChildren(h('p.field-live.field-live-ok', {}, t(wanted ? 'pickup.on' : 'pickup.off')));
    } catch (error) {
      box.checked = !wanted;
      said.replaceChildren(problemCallout(error));
    }
    box.disabled = false;
    box.focus();
  }

  return h(
    'li.card',
    {},
    h(
      'div.card-text',
      {},
      h('h2.card-title', {}, t('pickup.visit', { date: formatDate(acceptance.created_at) })),
      h('p', {}, acceptance.facility.name ?? acceptance.facility),
      h(
        'div.tick-row',
        {},
        box,
        h(
          'label',
          { for: id },
          t('pickup.online'),
          h('span.visually-hidden', {}, `, ${formatDate(acceptance.created_at)}`),
        ),
      ),
      said,
    ),
  );
}

export async function pickup({ patient: id }) {
  const patient = await patientOf(id);
  if (!patient) return { elsewhere: '#/fascicolo' };
  const { acceptances } = await get(`/patients/${id}/acceptances`);
  return {
    title: t('pickup.title'),
    patient,
    above: [backLink(`#/fascicolo/${id}`, t('document.back'))],
    content: [
      h('p.lead', {}, t('pickup.lead', { name: fullName(patient) })),
      acceptances.length
        ? h(
            'ul.cards',
            {},
            acceptances.map((acceptance) => row(id, acceptance)),
          )
        : h('p', {}, t('pickup.none')),
    ],
  };
}
