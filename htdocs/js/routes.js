// Every screen and its address. Those that few need, or only behind the login, are fetched when they are first wanted.
import { NoConnection } from './api.js';
import { home } from './screens/home.js';
import { login } from './screens/login.js';
import { registerCode } from './screens/register_code.js';
import { registerNotice } from './screens/register_notice.js';
import { registerPassword } from './screens/register_password.js';
import { registerProfile } from './screens/register_profile.js';
import { slip, slipOpened } from './screens/slip.js';

/** For who is not logged in; who is goes to the dossier. */
export const ANYONE = new Set([
  '/',
  '/accedi',
  '/password',
  '/password/codice',
  '/password/dati',
  '/registrati',
  '/registrati/profilo',
  '/registrati/password',
  '/registrati/codice',
  '/registrati/modulo',
]);

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
 * [pattern, screen] each, as router.js takes them.
 * @param {object} options
 * @param {Function} options.go (path, {replace}) => goes there
 * @param {Function} options.entered after a login
 * @param {Function} options.lost () => how a session has ended: 'expired', 'ended' or null
 * @param {Function} options.next () => where to go on after what came in between
 */
export function createRoutes({ go, entered, lost, next }) {
  const screens = [
    ['/', home],
    ['/accedi', () => login({ lost: lost(), entered })],
    ['/attiva', slip],
    ['/attiva/:code', slipOpened],
    ['/password', from(parts.reset, 'resetAsk')],
    ['/password/codice', from(parts.reset, 'resetCode')],
    ['/password/dati', from(parts.noStranger, 'resetNoStranger')],
    ['/informative/:kind', from(parts.privacy, 'noticeScreen')],
    ['/informative/:kind/:version', from(parts.privacy, 'noticeScreen')],
    ['/privacy', from(parts.privacy, 'privacy')],
    ['/registrati', registerNotice],
    ['/registrati/profilo', registerProfile],
    ['/registrati/password', registerPassword],
    ['/registrati/codice', () => registerCode({ entered })],
    ['/registrati/modulo', from(parts.noStranger, 'registerNoStranger')],

    ['/attivazione/:patient', from(parts.activationNotice, 'activationNotice')],
    ['/attivazione/:patient/codice', from(parts.activationForm, 'activationForm')],
    ['/consenso', (params) => from(parts.consents, 'consentDue')({ ...params, next })],
    ['/consenso/:patient', from(parts.consents, 'consentAgain')],
    ['/fascicolo', from(parts.dossier, 'dossierIndex')],
    ['/fascicolo/:patient', from(parts.dossier, 'dossier')],
    ['/fascicolo/:patient/nascosti', from(parts.hidden, 'hiddenDocuments')],
    ['/fascicolo/:patient/visite', from(parts.pickUp, 'pickUp')],
    ['/referto/:id', from(parts.document, 'documentScreen')],

    ['/profilo', from(parts.profile, 'profileScreen')],
    ['/profilo/accessi', from(parts.sessions, 'sessions')],
    ['/profilo/avvisi', from(parts.preferences, 'preferences')],
    ['/profilo/cellulare', (params) => from(parts.contact, 'contactChange')({ ...params, kind: 'mobile' })],
    ['/profilo/cellulare/codice', (params) => from(parts.contact, 'contactCode')({ ...params, kind: 'mobile' })],
    ['/profilo/email', (params) => from(parts.contact, 'contactChange')({ ...params, kind: 'email' })],
    ['/profilo/email/codice', (params) => from(parts.contact, 'contactCode')({ ...params, kind: 'email' })],
    ['/profilo/email/conferma', from(parts.contact, 'emailConfirmation')],
    ['/profilo/email/togli', from(parts.contact, 'emailRemoval')],
    ['/profilo/familiari/nuovo', from(parts.relatives, 'relativeAdd')],
    ['/profilo/familiari/:patient/togli', from(parts.relatives, 'relativeRemoval')],
    ['/profilo/password', from(parts.password, 'passwordChange')],

    ['/attivita', from(parts.activity, 'activity')],
    ['/cancellazione', from(parts.cancellation, 'cancellation')],
    ['/cancellazione/account', from(parts.cancellation, 'accountDeletion')],
    ['/cancellazione/:patient/servizio', from(parts.cancellation, 'serviceSwitch')],
    ['/cancellazione/:patient/referti', from(parts.cancellation, 'documentsWipe')],
    ['/consensi', from(parts.consents, 'consents')],
    ['/consensi/:id/revoca', from(parts.consents, 'consentWithdrawal')],
    ['/esporta', from(parts.export, 'exportScreen')],
  ];
  return screens.map(([pattern, screen]) => [pattern, (params) => screen({ ...params, go })]);
}
