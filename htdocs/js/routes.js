// Every screen and its address. Those that few need, or only behind the login, are fetched when they are first wanted.
import { NoConnection } from './api.js';
import { home } from './screens/home.js';
import { login } from './screens/login.js';
import { registrationCode } from './screens/registration_code.js';
import { registrationNotice } from './screens/registration_notice.js';
import { registrationPassword } from './screens/registration_password.js';
import { registrationProfile } from './screens/registration_profile.js';
import { slip, slipOpened } from './screens/slip.js';

/** Who may see a screen. */
export const OPEN = 'open'; // anyone, logged in or not
export const STRANGER = 'stranger'; // who is not logged in; who is goes to the dossier
export const SESSION = 'session'; // who is logged in, also before a changed notice is agreed to
export const ACCOUNT = 'account'; // who is logged in, and has agreed to all that is due

const parts = {
  activationForm: () => import('./screens/activation_form.js'),
  activationNotice: () => import('./screens/activation_notice.js'),
  activity: () => import('./screens/activity.js'),
  consent: () => import('./screens/consent.js'),
  contact: () => import('./screens/contact.js'),
  document: () => import('./screens/document.js'),
  dossier: () => import('./screens/dossier.js'),
  export: () => import('./screens/export.js'),
  hiding: () => import('./screens/hiding.js'),
  leaving: () => import('./screens/leaving.js'),
  noStranger: () => import('./screens/no_stranger.js'),
  passwordChange: () => import('./screens/password_change.js'),
  passwordReset: () => import('./screens/password_reset.js'),
  pickup: () => import('./screens/pickup.js'),
  privacy: () => import('./screens/privacy.js'),
  profile: () => import('./screens/profile.js'),
  profileAlerts: () => import('./screens/profile_alerts.js'),
  relative: () => import('./screens/relative.js'),
  session: () => import('./screens/session.js'),
};

/** A screen whose module comes when it is wanted. */
const from = (part, name) => async (params) => {
  let module;
  try {
    module = await part();
  } catch (error) {
    throw error instanceof TypeError ? new NoConnection() : error; // what a module lacks is no matter of the line
  }
  return module[name](params);
};

/**
 * [pattern, who may see it, screen] each, as router.js takes them.
 * @param {object} options
 * @param {Function} options.go (path, {replace}) => goes there
 * @param {Function} options.entered after a login
 * @param {Function} options.lost () => how a session has ended: 'expired', 'ended' or null
 * @param {Function} options.next () => where to go on after what came in between
 */
export function createRoutes({ go, entered, lost, next }) {
  const screens = [
    ['/', STRANGER, home],
    ['/accedi', STRANGER, () => login({ lost: lost(), entered })],
    ['/attiva', OPEN, slip],
    ['/attiva/:code', OPEN, slipOpened],
    ['/password', STRANGER, from(parts.passwordReset, 'passwordReset')],
    ['/password/codice', STRANGER, from(parts.passwordReset, 'passwordResetCode')],
    ['/password/dati', STRANGER, from(parts.noStranger, 'passwordNoStranger')],
    ['/informative/:kind', OPEN, from(parts.privacy, 'noticeScreen')],
    ['/informative/:kind/:version', OPEN, from(parts.privacy, 'noticeScreen')],
    ['/privacy', OPEN, from(parts.privacy, 'privacy')],
    ['/registrati', STRANGER, registrationNotice],
    ['/registrati/profilo', STRANGER, registrationProfile],
    ['/registrati/password', STRANGER, registrationPassword],
    ['/registrati/codice', STRANGER, () => registrationCode({ entered })],
    ['/registrati/modulo', STRANGER, from(parts.noStranger, 'registrationNoStranger')],

    ['/attivazione/:patient', ACCOUNT, from(parts.activationNotice, 'activationNotice')],
    ['/attivazione/:patient/codice', ACCOUNT, from(parts.activationForm, 'activationForm')],
    ['/consenso', SESSION, (params) => from(parts.consent, 'consentDue')({ ...params, next })],
    ['/consenso/:patient', ACCOUNT, from(parts.consent, 'consentAgain')],
    ['/fascicolo', ACCOUNT, from(parts.dossier, 'dossierIndex')],
    ['/fascicolo/:patient', ACCOUNT, from(parts.dossier, 'dossier')],
    ['/fascicolo/:patient/nascosti', ACCOUNT, from(parts.hiding, 'hiding')],
    ['/fascicolo/:patient/visite', ACCOUNT, from(parts.pickup, 'pickup')],
    ['/referto/:id', ACCOUNT, from(parts.document, 'documentScreen')],

    ['/profilo', ACCOUNT, from(parts.profile, 'profileScreen')],
    ['/profilo/accessi', ACCOUNT, from(parts.session, 'sessionList')],
    ['/profilo/avvisi', ACCOUNT, from(parts.profileAlerts, 'profileAlerts')],
    ['/profilo/cellulare', ACCOUNT, (params) => from(parts.contact, 'contactChange')({ ...params, kind: 'mobile' })],
    [
      '/profilo/cellulare/codice',
      ACCOUNT,
      (params) => from(parts.contact, 'contactCode')({ ...params, kind: 'mobile' }),
    ],
    ['/profilo/email', ACCOUNT, (params) => from(parts.contact, 'contactChange')({ ...params, kind: 'email' })],
    ['/profilo/email/codice', ACCOUNT, (params) => from(parts.contact, 'contactCode')({ ...params, kind: 'email' })],
    ['/profilo/email/conferma', ACCOUNT, from(parts.contact, 'contactConfirmation')],
    ['/profilo/email/togli', ACCOUNT, from(parts.contact, 'contactRemoval')],
    ['/profilo/familiari/nuovo', ACCOUNT, from(parts.relative, 'relativeAdd')],
    ['/profilo/familiari/:patient/togli', ACCOUNT, from(parts.relative, 'relativeRemoval')],
    ['/profilo/password', ACCOUNT, from(parts.passwordChange, 'passwordChange')],

    ['/attivita', ACCOUNT, from(parts.activity, 'activity')],
    ['/cancellazione', ACCOUNT, from(parts.leaving, 'leaving')],
    ['/cancellazione/account', SESSION, from(parts.leaving, 'leavingAccount')],
    ['/cancellazione/:patient/servizio', ACCOUNT, from(parts.leaving, 'leavingService')],
    ['/cancellazione/:patient/referti', ACCOUNT, from(parts.leaving, 'leavingDocuments')],
    ['/consensi', SESSION, from(parts.consent, 'consentList')],
    ['/consensi/:id/revoca', SESSION, from(parts.consent, 'consentWithdrawal')],
    ['/esporta', ACCOUNT, from(parts.export, 'exportScreen')],
  ];
  return screens.map(([pattern, access, screen]) => [pattern, access, (params) => screen({ ...params, go })]);
}
