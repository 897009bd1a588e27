// The dossier: whose it is, and its documents, newest first, a heading for each day.
import { alertWays } from '../alerts.js';
import { get } from '../api.js';
import { deskPart } from '../desk.js';
import { h, icon } from '../dom.js';
import { dayOf, formatDate, formatDay, formatTime, language, t } from '../i18n.js';
import { callout, problemCallout } from '../messages.js';
import { fullName, loadPatients } from '../people.js';
import { slipCode } from '../slip.js';
import { searchPart } from './dossier_search.js';
import { moreIfNarrow } from './parts.js';

const DAY = 86_400_000;
const SOON = 7; // days
const PAGE = 30;
const STATES = { inactive: 'dossier.to_activate', disabled: 'dossier.off' }; // what stands instead of reports
const SEARCHABLE = 4; // fewer are seen at a glance

/** Where a person goes after logging in: one's own activation, else one's own dossier. */
export async function dossierIndex() {
  const patients = await loadPatients();
  if (slipCode()) {
    const waiting = patients.filter(({ dossier: state }) => state === 'inactive');
    return { elsewhere: waiting.length === 1 ? `#/attivazione/${waiting[0].id}` : '#/attiva' };
  }
  const self = patients.find(({ relation }) => relation === 'self') ?? patients[0];
  const first = patients.find(({ dossier: state }) => state === 'active') ?? self;
  return { elsewhere: first.dossier === 'inactive' ? `#/attivazione/${first.id}` : `#/fascicolo/${first.id}` };
}

export const typeName = (type) => t(`types.${type}`);

/** "Laboratorio · Ospedale San Pellegrino" */
export const about = (document) => [typeName(document.type), document.facility.name].join(' · ');

/** From day to day as a calendar counts. */
const daysUntil = (time) => Math.round((new Date(dayOf(time)) - new Date(dayOf(Date.now()))) / DAY);

/** {text, soon} */
export function remaining(document) {
  const days = daysUntil(document.expires_at);
  const date = formatDate(document.expires_at);
  const text =
    days < 1
      ? t('dossier.last_day', { date, time: formatTime(document.expires_at) })
      : t('dossier.days_left', { count: days, date });
  return { text, soon: days < SOON };
}

function badges(document) {
  return [
    document.new ? h('span.badge.badge-new', {}, t('dossier.new')) : null,
    document.corrected ? h('span.badge.badge-corrected', {}, t('dossier.corrected')) : null,
  ];
}

function card(document) {
  const { text, soon } = remaining(document);
  const late = dayOf(document.issued_at) !== dayOf(document.published_at);
  return h(
    'li.card',
    {},
    h('span.card-icon', {}, icon(document.media_type.startsWith('image/') ? 'image' : 'document')),
    h(
      'div.card-text',
      {},
      h('h3.card-title', {}, h('a', { href: `#/referto/${document.id}` }, document.title), ...badges(document)),
      h('p', {}, about(document)),
      document.author ? h('p', {}, document.author) : null,
      late ? h('p', {}, t('dossier.issued', { date: formatDate(document.issued_at) })) : null,
      h(`p.card-days${soon ? '.card-soon' : ''}`, {}, icon('clock'), h('span', {}, text)),
    ),
    icon('forward'),
  );
}

/** "Oggi, martedì 24 novembre 2026": the day a document could first be read here. */
function dayName(time) {
  const name = { 0: 'dossier.today', '-1': 'dossier.yesterday' }[daysUntil(time)];
  return name ? t(name, { day: formatDay(time) }) : formatDay(time);
}

/** Grows page by page; a day that two pages share keeps one heading. */
function createList() {
  const element = h('div', {});
  let day = null;
  let list;
  return {
    element,
    add(documents) {
      for (const document of documents) {
        if (dayOf(document.published_at) !== day) {
          day = dayOf(document.published_at);
          list = h('ul.cards', {});
          element.append(h('section.day', {}, h('h2', {}, dayName(document.published_at)), list));
        }
        list.append(card(document));
      }
    },
  };
}

const pageOf = (patient, cursor) =>
  get(`/patients/${patient}/documents?${new URLSearchParams({ limit: PAGE, ...(cursor ? { cursor } : {}) })}`);

function moreButton(patient, next, list) {
  const said = h('div', { role: 'status' });
  const button = h('button.btn.btn-outline-primary', { type: 'button', onclick: load }, t('dossier.more'));
  let cursor = next;

  async function load() {
    button.disabled = true;
    try {
      const page = await pageOf(patient, cursor);
      said.replaceChildren();
      list.add(page.documents);
      cursor = page.next;
    } catch (error) {
      said.replaceChildren(problemCallout(error));
    }
    button.disabled = false;
    button.hidden = !cursor;
  }
  return [said, h('div.actions', {}, button)];
}

function switcher(patients, current) {
  const link = (patient) =>
    h(
      'li',
      {},
      h(
        'a.person',
        { href: `#/fascicolo/${patient.id}`, 'aria-current': patient.id === current.id ? 'page' : null },
        h('span.person-name', {}, fullName(patient)),
        h(
          'span.person-about',
          {},
          t(patient.relation === 'self' ? 'dossier.self' : 'dossier.relative', { count: patient.age }),
        ),
        STATES[patient.dossier] ? h('span.badge.badge-state', {}, t(STATES[patient.dossier])) : null,
        patient.new_documents
          ? h('span.badge.badge-new', {}, t('dossier.new_count', { count: patient.new_documents }))
          : null,
      ),
    );
  const others = patients.filter(({ id }) => id !== current.id);
  const waiting = others.reduce((sum, { new_documents: count }) => sum + (count ?? 0), 0);
  const nameOf = ({ first_name: name, dossier: state }) =>
    state === 'inactive' ? t('dossier.other_to_activate', { name }) : name;
  const title = [
    h('span', {}, t('dossier.others', { names: new Intl.ListFormat(language()).format(others.map(nameOf)) })),
    waiting ? [' ', h('span.badge.badge-new', {}, t('dossier.new_count', { count: waiting }))] : null,
  ];
  return h('nav.people', { 'aria-label': t('dossier.people') }, moreIfNarrow(title, h('ul', {}, patients.map(link))));
}

/** What will be told of a report that comes, and how long it stays. */
function promise(profile) {
  const ways = alertWays(profile);
  return [
    h('p', {}, t(`dossier.empty.${ways.join('_and_') || 'no_alerts'}`)),
    ways.length ? null : h('p', {}, h('a', { href: '#/profilo/avvisi' }, t('profile.alerts.title'))),
    h('p', {}, t('dossier.empty.kept')),
  ];
}

/** Nothing is promised that will not come; that reports are hidden is not said to who looks over the shoulder. */
async function empty(patient) {
  const [{ profile }, { acceptances }] = await Promise.all([
    get('/profile'),
    get(`/patients/${patient.id}/acceptances`),
  ]);
  const online = acceptances.filter((visit) => visit.online_pickup);
  return h(
    'section.empty',
    {},
    h('span.empty-icon', {}, icon('inbox')),
    h('h2', {}, t('dossier.empty.title')),
    online.length < acceptances.length
      ? h('p', {}, t(online.length ? 'dossier.empty.some_at_desk' : 'dossier.empty.at_desk'))
      : null,
    online.length || !acceptances.length ? promise(profile) : null,
    h('p', {}, t('dossier.empty.urgent')),
    deskPart(),
  );
}

function closed(patient) {
  if (patient.dossier === 'disabled') {
    return callout(
      'warning',
      t('dossier.disabled.title'),
      h('p', {}, t('dossier.disabled.text')),
      h(
        'p',
        {},
        h('a.btn.btn-primary', { href: `#/cancellazione/${patient.id}/servizio` }, t('leaving.enable.submit')),
      ),
    );
  }
  return callout(
    'note',
    t('dossier.inactive.title'),
    h('p', {}, t('dossier.inactive.text', { name: fullName(patient) })),
    h('p', {}, h('a.btn.btn-primary', { href: `#/attivazione/${patient.id}` }, t('activation.title'))),
  );
}

async function documentsOf(patient) {
  const { documents, next } = await pageOf(patient.id);
  if (!documents.length) return [await empty(patient), elsewhere(patient)];
  const list = createList();
  list.add(documents);
  const whole = h('div', {}, list.element, ...(next ? moreButton(patient.id, next, list) : []));
  const found = h('div', {});
  const search =
    documents.length < SEARCHABLE
      ? null
      : searchPart({
          documents,
          whole: !next,
          rest: () => restOf(patient.id, next),
          show(hits) {
            whole.hidden = Boolean(hits);
            const hitList = createList();
            if (hits) hitList.add(hits);
            found.replaceChildren(...(hits ? [hitList.element] : []));
          },
        });
  return [search, whole, found, elsewhere(patient)];
}

/** What follows the first page; asked for only by who searches. */
async function restOf(patient, next) {
  const rest = [];
  for (let cursor = next; cursor;) {
    const page = await pageOf(patient, cursor);
    rest.push(...page.documents);
    cursor = page.next;
  }
  return rest;
}

const elsewhere = (patient) =>
  h(
    'section.aside',
    {},
    h('h2', {}, t('dossier.missing.title')),
    h('p', {}, t('dossier.missing.text')),
    h(
      'ul.links',
      {},
      h('li', {}, h('a', { href: `#/fascicolo/${patient.id}/nascosti` }, t('hiding.title'))),
      h('li', {}, h('a', { href: `#/fascicolo/${patient.id}/visite` }, t('pickup.title'))),
    ),
  );

export async function dossier({ patient: id }) {
  const patients = await loadPatients();
  const patient = patients.find((one) => one.id === id);
  if (!patient) return { elsewhere: '#/fascicolo' };
  const content = patient.dossier === 'active' ? await documentsOf(patient) : [closed(patient)];
  return {
    title: t('dossier.title', { name: fullName(patient) }),
    patient,
    wide: true,
    content: [patients.length > 1 ? switcher(patients, patient) : null, content],
  };
}
