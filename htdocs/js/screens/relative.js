// Familiari: adding one, and taking one away.
import { post, remove } from '../api.js';
import { deskPart } from '../desk.js';
import { h } from '../dom.js';
import { draftOf, forgetDraft } from '../drafts.js';
import { ChoiceField } from '../fields.js';
import { createForm } from '../forms.js';
import { t } from '../i18n.js';
import { callout } from '../messages.js';
import { fullName, patientOf } from '../people.js';
import { keepRegistration, registration } from '../registration.js';
import { say } from '../said.js';
import { logOut } from '../session.js';
import { backLink } from './parts.js';
import { ageOf, identityFields } from './person_fields.js';

const PROFILE = '#/profilo';
const ROLES = ['parent', 'guardian', 'delegate'];

/** Why a role does not fit an age, or null. */
function misfit(role, age) {
  if (age === null) return null;
  if (role === 'parent' && age >= 18) return 'parent_of_adult';
  return role === 'delegate' && age < 18 ? 'delegate_of_minor' : null;
}

/** The other way, where the desk holds another number for this person: an adult's own account, ready to be made. */
function otherWay(adult, register) {
  const title = t('relative.other_way.title');
  if (!adult) return callout('warning', title, h('p', {}, t('relative.other_way.minor')), deskPart());
  return callout(
    'warning',
    title,
    h('p', {}, t('relative.other_way.text')),
    h(
      'p',
      {},
      h(
        'button.btn.btn-primary',
        { type: 'button', id: 'relative-register', onclick: register },
        t('relative.other_way.register'),
      ),
    ),
    h('p', {}, t('relative.other_way.kept')),
    h('p', {}, t('relative.other_way.desk')),
    deskPart(),
  );
}

export function relativeAdd({ go }) {
  const draft = draftOf('relative');
  const { birth, fields } = identityFields(draft, { autofill: false });
  const role = new ChoiceField({
    name: 'role',
    label: t('relative.role.label'),
    choices: ROLES.map((value) => ({
      value,
      text: t(`relative.role.${value}`),
      hint: t(`relative.role.${value}_hint`),
    })),
    check: (value) => misfit(value, ageOf(birth.value)),
  });

  /** Only what was typed here goes along, and no number: it has to be the person's own. */
  async function register() {
    const { role: whatever, ...person } = draft;
    try {
      await logOut();
    } catch (error) {
      form.showProblem(error);
      return;
    }
    Object.assign(registration.profile, person);
    keepRegistration();
    go('#/registrati', { replace: true });
  }

  const form = createForm({
    draft,
    submit: t('relative.add'),
    fields: [...fields, role],
    ways: { 'relative-not-at-desk': () => otherWay(ageOf(birth.value) >= 18, register) },
    async send(values) {
      const trimmed = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()]));
      const { patient } = await post('/patients', trimmed);
      forgetDraft('relative');
      say(t('relative.added', { name: fullName(patient) }));
      go(patient.dossier === 'inactive' ? `#/attivazione/${patient.id}` : `#/fascicolo/${patient.id}`, {
        replace: true,
      });
    },
  });
  return {
    title: t('relative.title_add'),
    above: [backLink(PROFILE, t('profile.back'))],
    content: [h('p.lead', {}, t('relative.lead')), h('p', {}, t('relative.mobile')), form.element],
  };
}

export async function relativeRemoval({ patient: id, go }) {
  const patient = await patientOf(id);
  if (patient?.relation !== 'relative') return { elsewhere: PROFILE };
  const name = fullName(patient);
  const form = createForm({
    draft: {},
    submit: t('relative.remove'),
    kind: 'danger',
    fields: [],
    async send() {
      await remove(`/patients/${id}`, {});
      say(t('relative.removed', { name }));
      go(PROFILE, { replace: true });
    },
  });
  return {
    title: t('relative.title_remove', { name }),
    patient,
    above: [backLink(PROFILE, t('profile.back'))],
    content: [
      h(
        'ul.plain-list',
        {},
        ['closed', 'kept', 'again'].map((line) => h('li', {}, t(`relative.removal.${line}`))),
      ),
      form.element,
      h('div.actions', {}, h('a.btn.btn-outline-primary', { href: PROFILE }, t('confirm.cancel'))),
    ],
  };
}
