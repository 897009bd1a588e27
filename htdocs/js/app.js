// Starts the pages: words, session, routes.
import { NoConnection } from './api.js';
import { loadBanners, watchBanners } from './banner.js';
import { h, icon } from './dom.js';
import { loadFacility } from './facility.js';
import { keepLanguage, loadLanguage, preferredLanguage, t } from './i18n.js';
import { callout } from './messages.js';
import { fullName } from './people.js';
import { createRouter } from './router.js';
import { OPEN, SESSION, STRANGER, createRoutes } from './routes.js';
import { say, takeSaid } from './said.js';
import { currentAccount, logOut, onSession, restore, stay } from './session.js';
import { drawShell, endWarning, focusLanguages, startShell, warnIdle } from './shell.js';
import { failure, missing } from './screens/failure.js';

const DOSSIER = '#/fascicolo';
const CONSENT = '#/consenso';
const ENTRY = new Set(['#/', '#/accedi']); // nothing is lost when these go on by themselves

let lost = null; // 'expired' or 'ended': the login says why it is asked for again
let wanted = null; // where to go on after it

const router = createRouter({
  main: document.getElementById('main'),
  told: document.getElementById('told'),
  routes: createRoutes({ go: (path, options) => router.go(path, options), entered: enter, lost: () => lost, next }),
  elsewhere(access) {
    if (access === OPEN) return null;
    const account = currentAccount();
    if (access === STRANGER) return account ? DOSSIER : null;
    if (account?.consents_due && access !== SESSION) return later(CONSENT);
    return account ? null : later('#/accedi');
  },
  failed: failure,
  missing,
  acting: (patient) =>
    patient?.relation === 'relative' &&
    h('p.acting', {}, icon('person'), h('span', {}, t('shell.acting', { name: fullName(patient) }))),
  said() {
    const said = takeSaid();
    return said && callout(said.kind, null, h('p', {}, said.text));
  },
});

const go = (path, options) => router.go(path, options);

/** Goes elsewhere first, and comes back here. */
function later(elsewhere) {
  wanted = router.address();
  return elsewhere;
}

/** Where to go on, once. */
function next() {
  const target = wanted ?? DOSSIER;
  wanted = null;
  return target;
}

/** After logging in or registering. */
function enter() {
  lost = null;
  go(next(), { replace: true });
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
  document
    .getElementById('main')
    .replaceChildren(h('h1', { tabindex: '-1' }, screen.title), ...screen.content.filter(Boolean));
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
  focusLanguages();
}

/** In another tab somebody has logged in: this one goes on with that account. taken: it showed another one until now */
async function follow(taken = false) {
  try {
    await restore();
  } catch (error) {
    return showFailure(error, () => follow(taken));
  }
  const account = currentAccount();
  if (taken && account) say(t('shell.other_account', { name: fullName(account) }), 'note');
  draw();
  return enter();
}

/** Nothing of the account shown so far stays. */
function giveWay() {
  router.clear();
  wanted = null;
  draw();
  return follow(true);
}

const draw = () => drawShell({ choose, logOut: leave });

onSession((event) => {
  if (event === 'warning') return warnIdle();
  if (event === 'alive') return endWarning();
  if (event === 'changed') return draw();
  if (event === 'elsewhere') return ENTRY.has(router.address()) ? follow() : undefined;
  endWarning();
  if (event === 'replaced') return giveWay();
  draw();
  if (event === 'opened') return undefined;
  lost = event === 'closed' ? null : event;
  wanted = lost ? router.address() : null;
  router.clear();
  return go(lost ? '#/accedi' : '#/', { replace: true });
});

async function start() {
  try {
    await Promise.all([loadLanguage(preferredLanguage()), restore(), loadFacility(), loadBanners()]);
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

watchBanners();
startShell({
  stay: () => stay().catch(() => {}), // no answer: the warning stands
  logOut: leave,
});
start();
