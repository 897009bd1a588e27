// Attività: who did what with one's data, the latest first.
import { get } from '../api.js';
import { h, icon } from '../dom.js';
import { dayOf, formatDay, formatTime, has, t } from '../i18n.js';
import { problemCallout } from '../messages.js';
import { fullName, loadPatients } from '../people.js';
import { backLink } from './parts.js';

const PAGE = 50;
const DONE = new Set(['ok', 'created', 'replaced']); // any other outcome is a refusal

const pageOf = (cursor) => get(`/activity?${new URLSearchParams({ limit: PAGE, ...(cursor ? { cursor } : {}) })}`);

const actionWords = (action) => t(has(`activity.actions.${action}`) ? `activity.actions.${action}` : 'activity.actions.other');

function rowOf(entry, patients) {
  const patient = patients.find(({ id }) => id === entry.patient_id);
  const refused = !DONE.has(entry.outcome);
  const where = [patient && patients.length > 1 ? fullName(patient) : null, entry.facility?.name, entry.device, entry.address];
  return h(
    'li.event',
    {},
    h('span.event-time', {}, formatTime(entry.at)),
    h(
      'div',
      {},
      h('p.event-what', {}, refused ? icon('alert') : null, h('span', {}, actionWords(entry.action)), refused ? h('span.badge.badge-corrected', {}, t('activity.refused')) : null),
      h('p.event-who', {}, [t(`activity.actors.${entry.actor}`), ...where].filter(Boolean).map((text) => h('bdi', {}, text))),
    ),
  );
}

/** A heading for each day; the last one may go on with the next page. */
function createList(patients) {
  const element = h('div', {});
  let day = null;
  let list;
  return {
    element,
    add(entries) {
      for (const entry of entries) {
        if (dayOf(entry.at) !== day) {
          day = dayOf(entry.at);
          list = h('ul.events', {});
          element.append(h('section.day', {}, h('h2', {}, formatDay(entry.at)), list));
        }
        list.append(rowOf(entry, patients));
      }
    },
  };
}

export async function activity() {
  const [first, patients] = await Promise.all([pageOf(), loadPatients()]);
  const list = createList(patients);
  const said = h('div', { role: 'status' });
  let cursor = first.next;
  const more = h('button.btn.btn-outline-primary', { type: 'button', hidden: !cursor, onclick: load }, t('activity.more'));

  async function load() {
    more.disabled = true;
    try {
      const page = await pageOf(cursor);
      said.replaceChildren();
      list.add(page.activity);
      cursor = page.next;
    } catch (error) {
      said.replaceChildren(problemCallout(error));
    }
    more.disabled = false;
    more.hidden = !cursor;
  }

  list.add(first.activity);
  return {
    title: t('activity.title'),
    above: [backLink('#/profilo', t('profile.back'))],
    content: [h('p.lead', {}, t('activity.lead')), list.element, said, h('div.actions', {}, more)],
  };
}
