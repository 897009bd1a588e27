// One document: what it is, how long it stays, to be read here or taken along.
import { contentAddress, contentOf, contentPath, get, head, put } from '../api.js';
import { h, icon } from '../dom.js';
import { formatDate, formatSize, t } from '../i18n.js';
import { callout, problemCallout } from '../messages.js';
import { patientOf } from '../people.js';
import { say } from '../said.js';
import { remaining, typeName } from './dossier.js';
import { backLink } from './parts.js';

const WIDE = '(min-width: 48rem)'; // on a phone a page within a page cannot be read
const SHAREABLE = 25e6; // bytes; more is too much for a phone's memory and for most mailboxes
const FORMATS = {
  'application/pdf': 'pdf',
  'application/pkcs7-mime': 'p7m',
  'image/jpeg': 'image',
  'image/png': 'image',
  'application/zip': 'zip',
};

// after these nothing of it can be had any more
const GONE = new Set(['document-withdrawn', 'document-expired', 'document-deleted', 'not-found', 'dossier-disabled']);

const isPdf = (document) => document.media_type === 'application/pdf';
const isImage = (document) => document.media_type.startsWith('image/');

function facts(document) {
  const rows = [
    ['facility', document.facility.name],
    ['type', typeName(document.type)],
    ['issued', formatDate(document.issued_at)],
    ['author', document.author],
    ['file', `${t(`document.formats.${FORMATS[document.media_type]}`)}, ${formatSize(document.size)}`],
  ];
  return h(
    'dl.facts',
    {},
    rows
      .filter(([, value]) => value)
      .map(([name, value]) => h('div', {}, h('dt', {}, t(`document.${name}`)), h('dd', {}, value))),
  );
}

/** In this tab: "back" leads here again. Asked first, so that a refusal is told here and not by the browser. */
function leadTo(document, disposition, { said, refused }) {
  return async (event) => {
    event.preventDefault();
    said.replaceChildren();
    try {
      await head(contentPath(document.id, disposition));
      location.assign(contentAddress(document.id, disposition));
    } catch (error) {
      // the answer to HEAD has no words; that to GET has
      const words = await get(`/documents/${document.id}`).then(
        () => error,
        (problem) => problem,
      );
      refused(words);
    }
  };
}

const EXTENSIONS = {
  'application/pdf': 'pdf',
  'application/pkcs7-mime': 'pdf.p7m',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'application/zip': 'zip',
};

/** What the portal calls the file when it is saved. */
const nameIn = (disposition) => decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)[1]);

/** The file as the phone's own "share" takes it; nothing of it stays behind. */
async function fileOf(document) {
  const answer = await contentOf(document.id);
  return new File([await answer.blob()], nameIn(answer.headers.get('Content-Disposition')), {
    type: document.media_type,
  });
}

/** Browsers judge by name and type which files they hand on; most take no .p7m and no .zip. */
const isShareable = (document) =>
  document.size <= SHAREABLE &&
  navigator.canShare?.({
    files: [new File([''], `referto.${EXTENSIONS[document.media_type]}`, { type: document.media_type })],
  });

/** Only where the browser can hand this file on: phones and tablets, mostly. */
function shareButton(document, { said, refused }) {
  if (!isShareable(document)) return null;
  let file = null; // fetched, where the browser wants another tap because that took long
  async function share({ currentTarget }) {
    currentTarget.disabled = true;
    said.replaceChildren();
    try {
      file ??= await fileOf(document);
      await navigator.share({ files: [file] });
      file = null;
    } catch (error) {
      if (error.name === 'NotAllowedError')
        said.replaceChildren(
          callout('note', null, h('p', {}, t('document.share_again', { button: t('document.share') }))),
        );
      else if (error.name !== 'AbortError') refused(error);
      if (error.name !== 'NotAllowedError') file = null;
    }
    currentTarget.disabled = false;
  }
  return h(
    'button.btn.btn-outline-primary',
    { type: 'button', id: 'document-share', onclick: share },
    icon('share'),
    h('span', {}, t('document.share')),
  );
}

/** Out of the list, not out of the portal: see hiding.js. */
function hideButton(document, go, refused) {
  async function hide({ currentTarget }) {
    currentTarget.disabled = true;
    try {
      await put(`/documents/${document.id}/visibility`, { hidden: true });
      say(t('hiding.hid', { title: document.title }));
      go(`#/fascicolo/${document.patient_id}`);
    } catch (error) {
      currentTarget.disabled = false;
      refused(error);
    }
  }
  return h(
    'section.aside',
    {},
    h('h2', {}, t('hiding.hide_title')),
    h('p', {}, t('hiding.hide_text')),
    h(
      'button.btn.btn-outline-primary',
      { type: 'button', id: 'document-hide', onclick: hide },
      icon('eye_off'),
      h('span', {}, t('hiding.hide')),
    ),
  );
}

function actions(document, told) {
  const saves = isPdf(document) && navigator.pdfViewerEnabled === false; // "open" downloads too, and nothing seems to happen
  const button = (kind, disposition, picture, text) =>
    h(
      `a.btn${kind}`,
      {
        href: contentAddress(document.id, disposition),
        onclick: leadTo(document, disposition, told),
        id: `document-${disposition}`,
        'aria-describedby': saves ? 'document-no-viewer' : null,
      },
      icon(picture),
      h('span', {}, text),
    );
  const shows = isPdf(document) || isImage(document);
  return h(
    'div.actions',
    {},
    shows ? button('.btn-primary', 'inline', 'eye', t('document.open')) : null,
    button(shows ? '.btn-outline-primary' : '.btn-primary', 'attachment', 'download', t('document.download')),
    shareButton(document, told),
    saves ? h('p.actions-hint', { id: 'document-no-viewer' }, t('document.no_viewer')) : null,
  );
}

/** The badge stands for the rest where letters are so large that the rest goes below the buttons. */
const corrected = (document) => [
  h('p.corrected-badge', { 'aria-hidden': 'true' }, h('span.badge.badge-corrected', {}, t('dossier.corrected'))),
  callout(
    'warning',
    t('document.corrected.title'),
    h('p', {}, t('document.corrected.text', { date: formatDate(document.published_at) })),
  ),
];

/** The document itself, where the browser can show it in the page. */
function preview(document) {
  const address = contentAddress(document.id, 'inline');
  if (isImage(document))
    return h('img.preview-image', { src: address, alt: t('document.image', { title: document.title }) });
  if (!isPdf(document))
    return callout('note', null, h('p', {}, t(`document.not_shown.${FORMATS[document.media_type]}`)));
  if (navigator.pdfViewerEnabled && matchMedia(WIDE).matches) {
    return h('iframe.preview-pdf', { src: address, title: t('document.preview', { title: document.title }) });
  }
  return null;
}

/** "Print" means the document, where it is shown in the page: its frame prints itself. */
function printShown(event) {
  const frame = document.querySelector('.preview-pdf');
  if (!frame || event.key.toLowerCase() !== 'p' || !(event.ctrlKey || event.metaKey)) return;
  try {
    frame.contentWindow.print();
    event.preventDefault();
  } catch {
    // a viewer that does not let itself be asked: then the page is printed, and says where the document is
  }
}

/**
 * Where a refusal is told. Of a document that has gone, what leads to it and promises it goes too.
 * @param {HTMLElement[]} promises filled in by the screen
 */
function refusalsIn(said, promises) {
  return (error) => {
    said.replaceChildren(problemCallout(error));
    if (!GONE.has(error.name)) return;
    for (const part of promises) part?.remove();
    said.focus(); // the button that had it is no more
  };
}

export async function documentScreen({ id, go }) {
  const { document } = await get(`/documents/${encodeURIComponent(id)}`);
  const patient = await patientOf(document.patient_id);
  const { text, soon } = remaining(document);
  const promises = [];
  const [said, hideSaid] = [0, 1].map(() => h('div', { role: 'alert', tabindex: '-1' }));
  const refused = refusalsIn(said, promises);
  promises.push(
    actions(document, { said, refused }),
    h(`p.card-days${soon ? '.card-soon' : ''}`, {}, icon('clock'), h('span', {}, text)),
    preview(document),
    hideButton(document, go, refusalsIn(hideSaid, promises)),
  );
  const [buttons, days, shown, hiding] = promises;
  window.addEventListener('keydown', printShown);
  return {
    title: document.title,
    patient,
    wide: true,
    above: [backLink(`#/fascicolo/${document.patient_id}`, t('document.back'))],
    leave: () => window.removeEventListener('keydown', printShown),
    content: [
      h('div.document-top', {}, document.corrected ? corrected(document) : null, buttons),
      said,
      days,
      facts(document),
      isImage(document) ? null : h('p.print-only', {}, t('document.print')),
      shown,
      hiding,
      hideSaid,
    ],
  };
}
