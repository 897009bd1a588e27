// Every screen and its address. Those that few need, or only behind the login, are fetched when they are first wanted.
import { NoConnection } from './api.js';
import { home } from './screens/home.js';
import { login } from './screens/login.js';
import { registerCode } from './screens/register_code.js';
import { registerNotice } from './screens/register_notice.js';
import { registerPassword } from './screens/register_password.js';
import { registerProfile } from './screens/register_profile.js';
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
  cancellation: () => import('./screens/cancellation.js'),
  consents: () => import('./screens/consents.js'),
  contact: () => import('./screens/contact_change.js'),
  document: () => import('./screens/document.js'),
  dossier: () => import('./screens/dossier.js'),
  export: () => import('./screens/export.js'),
  hidden: () => import('./screens/hidden.js'),
  noStranger: () => import('./screens/no_stranger.js'),
  password: () => import('./screens/password_change.js'),
  pickUp: () => import('./screens/pick_up.js'),
  preferences: () => import('./screens/preferences.js'),
  privacy: () => import('./screens/privacy.js'),
  profile: () => import('./screens/profile.js'),
  relatives: () => import('./screens/relatives.js'),
  reset: () => import('./screens/password_reset.js'),
  sessions: () => import('./screens/sessions.js'),
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
    ['/password', STRANGER, from(parts.reset, 'resetAsk')],
    ['/password/codice', STRANGER, from(parts.reset, 'resetCode')],
    ['/password/dati', STRANGER, from(parts.noStranger, 'resetNoStranger')],
    ['/informative/:kind', OPEN, from(parts.privacy, 'noticeScreen')],
    ['/informative/:kind/:version', OPEN, from(parts.privacy, 'noticeScreen')],
    ['/privacy', OPEN, from(parts.privacy, 'privacy')],
    ['/registrati', STRANGER, registerNotice],
    ['/registrati/profilo', STRANGER, registerProfile],
    ['/registrati/password', STRANGER, registerPassword],
    ['/registrati/codice', STRANGER, () => registerCode({ entered })],
    ['/registrati/modulo', STRANGER, from(parts.noStranger, 'registerNoStranger')],

    ['/attivazione/:patient', ACCOUNT, from(parts.activationNotice, 'activationNotice')],
    ['/attivazione/:patient/codice', ACCOUNT, from(parts.activationForm, 'activationForm')],
    ['/consenso', SESSION, (params) => from(parts.consents, 'consentDue')({ ...params, next })],
    ['/consenso/:patient', ACCOUNT, from(parts.consents, 'consentAgain')],
    ['/fascicolo', ACCOUNT, from(parts.dossier, 'dossierIndex')],
    ['/fascicolo/:patient', ACCOUNT, from(parts.dossier, 'dossier')],
    ['/fascicolo/:patient/nascosti', ACCOUNT, from(parts.hidden, 'hiddenDocuments')],
    ['/fascicolo/:patient/visite', ACCOUNT, from(parts.pickUp, 'pickUp')],
    ['/referto/:id', ACCOUNT, from(parts.document, 'documentScreen')],

    ['/profilo', ACCOUNT, from(parts.profile, 'profileScreen')],
    ['/profilo/accessi', ACCOUNT, from(parts.sessions, 'sessions')],
    ['/profilo/avvisi', ACCOUNT, from(parts.preferences, 'preferences')],
    ['/profilo/cellulare', ACCOUNT, (params) => from(parts.contact, 'contactChange')({ ...params, kind: 'mobile' })],
    [
      '/profilo/cellulare/codice',
      ACCOUNT,
      (params) => from(parts.contact, 'contactCode')({ ...params, kind: 'mobile' }),
    ],
    ['/profilo/email', ACCOUNT, (params) => from(parts.contact, 'contactChange')({ ...params, kind: 'email' })],
    ['/profilo/email/codice', ACCOUNT, (params) => from(parts.contact, 'contactCode')({ ...params, kind: 'email' })],
    ['/profilo/email/conferma', ACCOUNT, from(parts.contact, 'emailConfirmation')],
    ['/profilo/email/togli', ACCOUNT, from(parts.contact, 'emailRemoval')],
    ['/profilo/familiari/nuovo', ACCOUNT, from(parts.relatives, 'relativeAdd')],
    ['/profilo/familiari/:patient/togli', ACCOUNT, from(parts.relatives, 'relativeRemoval')],
    ['/profilo/password', ACCOUNT, from(parts.password, 'passwordChange')],

    ['/attivita', ACCOUNT, from(parts.activity, 'activity')],
    ['/cancellazione', ACCOUNT, from(parts.cancellation, 'cancellation')],
    ['/cancellazione/account', SESSION, from(parts.cancellation, 'accountDeletion')],
    ['/cancellazione/:patient/servizio', ACCOUNT, from(parts.cancellation, 'serviceSwitch')],
    ['/cancellazione/:patient/referti', ACCOUNT, from(parts.cancellation, 'documentsWipe')],
    ['/consensi', SESSION, from(parts.consents, 'consents')],
    ['/consensi/:id/revoca', SESSION, from(parts.consents, 'consentWithdrawal')],
    ['/esporta', ACCOUNT, from(parts.export, 'exportScreen')],
  ];
  return screens.map(([pattern, access, screen]) => [pattern, access, (params) => screen({ ...params, go })]);
}
