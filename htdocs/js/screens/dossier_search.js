// Finding one report among many: words of its title, kind, hospital or author, and kinds to choose from.
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { problemCallout } from '../messages.js';
import { moreIfNarrow } from './parts.js';
import { typedText } from '../typed.js';

const TYPES = [
  'laboratory',
  'radiology',
  'cardiology',
  'pathology',
  'microbiology',
  'outpatient',
  'discharge',
  'emergency',
  'vaccination',
  'other',
];

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const textOf = ({ title, type, facility, author }) =>
  plain([title, t(`types.${type}`), facility.name, author ?? ''].join(' '));

function selectOf(id, label, values, nameOf) {
  const select = h(
    'select.form-select',
    { id },
    h('option', { value: '' }, t('search.all')),
    values.map((value) => h('option', { value }, nameOf(value))),
  );
  return { select, element: h('div.field', {}, h('label.field-label', { for: id }, label), select) };
}

const uniqueOf = (documents, valueOf) => [...new Set(documents.map(valueOf))].sort();

/**
 * @param {object} options
 * @param {Array} options.documents the first page
 * @param {boolean} options.whole whether that page is all there is
 * @param {Function} options.rest () => Promise of the other documents
 * @param {Function} options.show (documents) => shows them; null: all, as they were
 */
export function searchPart({ documents, whole, rest, show }) {
  const words = h('input.form-control', {
    id: 'search-words',
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const names = new Map(documents.map(({ facility }) => [facility.id, facility.name]));
  const type = selectOf(
    'search-type',
    t('search.type'),
    whole ? uniqueOf(documents, ({ type: kind }) => kind) : TYPES,
    (kind) => t(`types.${kind}`),
  );
  const facility = selectOf('search-facility', t('search.facility'), [...names.keys()], (id) => names.get(id));
  const said = h('p.field-live', { role: 'status' });
  let all = null;
  let turn = 0;

  async function everything() {
    all ??= [...documents, ...(await rest())];
    return all;
  }

  async function search() {
    const mine = ++turn;
    const wanted = plain(typedText(words.value)).split(/\s+/).filter(Boolean);
    if (!wanted.length && !type.select.value && !facility.select.value) {
      said.textContent = '';
      show(null);
      return;
    }
    try {
      const found = (await everything()).filter(
        (document) =>
          wanted.every((word) => textOf(document).includes(word)) &&
          (!type.select.value || document.type === type.select.value) &&
          (!facility.select.value || document.facility.id === facility.select.value),
      );
      if (mine !== turn) return;
      said.textContent = t('search.found', { count: found.length });
      show(found);
    } catch (error) {
      said.replaceChildren(problemCallout(error));
    }
  }

  const submitted = (event) => {
    event.preventDefault();
    search();
  };
  return moreIfNarrow(
    t('search.words'),
    h(
      'form.search',
      { role: 'search', 'aria-label': t('search.title'), oninput: search, onsubmit: submitted },
      h(
        'div.field',
        {},
        h('label.field-label', { for: 'search-words' }, icon('search'), ' ', t('search.words')),
        words,
      ),
      type.select.options.length > 2 ? type.element : null,
      names.size > 1 ? facility.element : null,
      said,
    ),
  );
}
