// Starts the pages: words, session, routes.
import { NoConnection } from './api.js';
import { h } from './dom.js';
import { loadFacility } from './facility.js';
import { keepLanguage, loadLanguage, preferredLanguage } from './i18n.js';
import { createRouter } from './router.js';
import { currentAccount, logOut, onSession, restore, stay } from './session.js';
import { drawShell, endWarning, startShell, warnIdle } from './shell.js';
import { activationForm } from './screens/activation_form.js';
import { activationNotice } from './screens/activation_notice.js';
import { documentScreen } from './screens/document.js';
import { dossier, dossierIndex } from './screens/dossier.js';
import { failure, missing } from './screens/failure.js';
import { home } from './screens/home.js';
import { login } from './screens/login.js';
import { registerCode } from './screens/register_code.js';
import { registerNotice } from './screens/register_notice.js';
import { registerPassword } from './screens/register_password.js';
import { registerProfile } from './screens/register_profile.js';

const ANYONE = new Set(['/', '/accedi', '/registrati', '/registrati/profilo', '/registrati/password', '/registrati/codice']);
const DOSSIER = '#/fascicolo';

let expired = false; // the login says why it is asked for again
let wanted = null; // where to go on after it

const router = createRouter({
  main: document.getElementById('main'),
  routes: [
    ['/', home],
    ['/accedi', () => login({ expired, entered: enter })],
    ['/registrati', () => registerNotice({ go })],
    ['/registrati/profilo', () => registerProfile({ go })],
    ['/registrati/password', () => registerPassword({ go })],
    ['/registrati/codice', () => registerCode({ entered: enter })],
    ['/attivazione/:patient', ({ patient }) => activationNotice({ patient, go })],
    ['/attivazione/:patient/codice', ({ patient }) => activationForm({ patient, go })],
    ['/fascicolo', () => dossierIndex()],
    ['/fascicolo/:patient', ({ patient }) => dossier({ patient })],
    ['/referto/:id', ({ id }) => documentScreen({ id })],
  ],
  allowed(pattern) {
    if (ANYONE.has(pattern)) return currentAccount() ? DOSSIER : null;
    if (currentAccount()) return null;
    wanted = router.address();
    return '#/accedi';
  },
  failed: failure,
  missing,
});

const go = (path, options) => router.go(path, options);

/** After logging in or registering. */
function enter() {
  const target = wanted ?? DOSSIER;
  expired = false;
  wanted = null;
  go(target, { replace: true });
}

async function leave() {
  try {
    await logOut();
  } catch (error) {
    if (!(error instanceof NoConnection) && !error.status) throw error;
    showFailure(error, leave);
  }
}

/** Instead of any screen. */
function showFailure(error, again) {
  router.clear();
  const screen = failure(error, again);
  document.getElementById('main').replaceChildren(h('h1', { tabindex: '-1' }, screen.title), ...screen.content);
}

async function choose(language) {
  try {
    await loadLanguage(language);
  } catch {
    return; // the words of before are still there
  }
  keepLanguage();
  draw();
  await router.show({ keepFocus: true });
  document.querySelector(`#languages [lang="${language}"]`).focus();
}

const draw = () => drawShell({ choose, logOut: leave });

onSession((event) => {
  if (event === 'warning') return warnIdle();
  if (event === 'alive') return endWarning();
  endWarning();
  draw();
  if (event === 'opened') return undefined;
  expired = event === 'ended';
  wanted = expired ? router.address() : null;
  router.clear();
  return go(expired ? '#/accedi' : '#/', { replace: true });
});

async function start() {
  try {
    await Promise.all([loadLanguage(preferredLanguage()), restore(), loadFacility()]);
  } catch (error) {
    return startFailed(error);
  }
  draw();
  return router.show({ keepFocus: true });
}

/** Even the words may be missing: then the browser's own reload is all there is to offer. */
async function startFailed(error) {
  try {
    await loadLanguage(preferredLanguage());
  } catch {
    setTimeout(start, 3000);
    return;
  }
  draw();
  showFailure(error, start);
}

startShell({
  stay: () => stay().catch(() => {}), // no answer: the warning stands
  logOut: leave,
});
start();
