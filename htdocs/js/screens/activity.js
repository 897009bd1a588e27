// Attività: who did what with one's data, the latest first.
import { get } from '../api.js';
import { h, icon } from '../dom.js';
import { dayOf, formatDay, formatTime, has, t } from '../i18n.js';
import { problemCallout } from '../messages.js';
import { fullName, loadPatients } from '../people.js';
import { backLink } from './parts.js';

const PAGE = 50;
const DONE = new Set(['ok', 'created', 'replaced', 'updated']); // any other outcome is a refusal
const PLACED = /^(login|password_reset_\w+)$/; // what might be somebody else's

const pageOf = (cursor) => get(`/activity?${new URLSearchParams({ limit: PAGE, ...(cursor ? { cursor } : {}) })}`);

function wordsOf({ action, outcome, notice }) {
  const how = DONE.has(outcome) ? 'done' : 'refused';
  if (action === 'document_published' && outcome === 'replaced') return t('activity.corrected');
  const words = t(has(`activity.${how}.${action}`) ? `activity.${how}.${action}` : `activity.${how}.other`);
  return notice ? `${words}: ${t(`consent.notices.${notice}`)}` : words;
}

/** Who, for whom, with what; from where only if no device is known of what might be somebody else's. */
function circumstances(entry, patients) {
  const patient = patients.find(({ id }) => id === entry.patient_id);
  const actor = entry.actor === 'facility' && entry.facility ? null : t(`activity.actors.${entry.actor}`);
  const place =
    !entry.device && entry.address && PLACED.test(entry.action) ? t('activity.from', { address: entry.address }) : null;
  return [
    actor,
    entry.facility?.name,
    patient && patients.length > 1 ? fullName(patient) : null,
    entry.device,
    place,
  ].filter(Boolean);
}

function rowOf(entry, patients) {
  const title = entry.document_title;
  return h(
    'li.event',
    {},
    h('span.event-time', {}, formatTime(entry.at)),
    h(
      'div',
      {},
      h(
        'p.event-what',
        {},
        DONE.has(entry.outcome) ? null : icon('alert'),
        h('span', {}, wordsOf(entry)),
        title ? h('a', { href: `#/referto/${entry.document_id}` }, h('bdi', {}, title)) : null,
      ),
      h(
        'p.event-who',
        {},
        circumstances(entry, patients).map((text) => h('bdi', {}, text)),
      ),
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
  const more = h(
    'button.btn.btn-outline-primary',
    { type: 'button', hidden: !cursor, onclick: load },
    t('activity.more'),
  );

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
