// Registrati, 2: Il mio profilo.
import { h } from '../dom.js';
import { DateField, TextField, isDate } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { keepRegistration, registration } from '../registration.js';
import { codiceFiscaleField, progress } from './parts.js';

const MOBILE = /^(\+|00)?\d{8,15}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What is surely no mobile; the portal knows the rest. */
function mobileError(typed) {
  const number = typed.replace(/[\s().\-/\u2010-\u2015]/g, '');
  const national = number.replace(/^(\+39|0039)/, '');
  const italian = !/^(\+|00)/.test(number) || national !== number;
  return MOBILE.test(number) && (!italian || /^3\d{8,9}$/.test(national)) ? null : 'mobile';
}

function birthError(date) {
  if (!isDate(date)) return 'date';
  if (new Date(date) > new Date()) return 'date_future';
  return Number(date.slice(0, 4)) < new Date().getFullYear() - 130 ? 'date_past' : null;
}

function fieldsOf(draft) {
  const birth = new DateField({
    name: 'birth_date',
    label: t('profile.birth_date'),
    hint: t('profile.birth_date_hint'),
    autocomplete: { day: 'bday-day', month: 'bday-month', year: 'bday-year' },
    check: birthError,
  });
  /** Who has typed no date gets that of the codice fiscale. */
  const fillBirth = ({ year, month, day, sure }) => {
    if (!birth.empty || !sure) return;
    birth.value = [year, month, day].join('-');
    draft.birth_date = birth.value;
  };
  return [
    new TextField({ name: 'first_name', label: t('profile.first_name'), autocomplete: 'given-name', maxlength: 100, spellcheck: 'false' }),
    new TextField({ name: 'last_name', label: t('profile.last_name'), autocomplete: 'family-name', maxlength: 100, spellcheck: 'false' }),
    birth,
    new TextField({ name: 'birth_place', label: t('profile.birth_place'), hint: t('profile.birth_place_hint'), autocomplete: 'off', maxlength: 100, spellcheck: 'false' }),
    codiceFiscaleField({ right: fillBirth }),
    new TextField({ name: 'mobile', label: t('profile.mobile'), hint: t('profile.mobile_hint'), type: 'tel', inputmode: 'tel', autocomplete: 'tel', maxlength: 32, check: mobileError }),
    new TextField({
      name: 'email',
      label: t('profile.email'),
      hint: t('profile.email_hint'),
      type: 'email',
      autocomplete: 'email',
      capitals: 'none',
      spellcheck: 'false',
      maxlength: 254,
      optional: true,
      check: (typed) => (EMAIL.test(typed.trim()) ? null : 'email'),
    }),
  ];
}

let refused = null; // what the portal said of this step, told where it can be corrected

/** Called by a later step, before it comes back here. */
export function refuseProfile(problem) {
  refused = problem;
}

export function registerProfile({ go }) {
  if (!registration.consent) return { elsewhere: '#/registrati' };
  const form = createForm({
    draft: registration.profile,
    changed: keepRegistration,
    submit: t('fields.next'),
    fields: fieldsOf(registration.profile),
    async send() {
      keepRegistration();
      go('#/registrati/password');
    },
  });
  const told = refused;
  refused = null;
  if (told) setTimeout(() => form.showProblem(told));
  return {
    title: t('profile.title'),
    above: [progress(2, 4)],
    content: [h('p.lead', {}, t('profile.lead')), form.element],
  };
}
