// What stands around every screen: header, languages, the login's state, the connection, the warning before the end.
import { drawBanners } from './banner.js';
import { deskPart } from './desk.js';
import { h, icon } from './dom.js';
import { facilityName } from './facility.js';
import { LANGUAGES, language, t, translatePage } from './i18n.js';
import { fullName } from './people.js';
import { currentAccount } from './session.js';

const WAYS = [
  ['#/fascicolo', 'shell.reports'],
  ['#/profilo', 'profile.title'],
];

const byId = (id) => document.getElementById(id);

function drawLanguages(choose) {
  byId('languages').replaceChildren(
    ...LANGUAGES.map((tag) =>
      h(
        'button.language',
        { type: 'button', lang: tag, 'aria-pressed': String(tag === language()), onclick: () => choose(tag) },
        t(`languages.${tag}`),
      ),
    ),
  );
}

function drawAccount(logOut) {
  const account = currentAccount();
  byId('account').hidden = !account;
  byId('account').replaceChildren(
    ...(account
      ? [
          h('span.account-name', {}, icon('person'), h('span', {}, fullName(account))),
          h(
            'nav.account-ways',
            { 'aria-label': t('shell.menu') },
            WAYS.map(([href, key]) => h('a.way', { href }, t(key))),
          ),
          h('button.btn.btn-light', { type: 'button', id: 'log-out', onclick: logOut }, t('shell.log_out')),
        ]
      : []),
  );
}

/** On a phone; where there is room, all of the menu is seen, and the button is not. */
function openMenu(open) {
  byId('menu-button').setAttribute('aria-expanded', String(open));
}

const menuIsOpen = () => byId('menu-button').getAttribute('aria-expanded') === 'true';

function startMenu() {
  byId('menu-button').addEventListener('click', () => openMenu(!menuIsOpen()));
  byId('menu').addEventListener('click', ({ target }) => target.closest('a, button') && openMenu(false));
  window.addEventListener('hashchange', () => openMenu(false)); // a way of the page was taken, or back
  document.querySelector('.header').addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !menuIsOpen()) return;
    openMenu(false);
    byId('menu-button').focus();
  });
}

/** After a language was chosen: where that was done. */
export function focusLanguages() {
  const chosen = byId('languages').querySelector('[aria-pressed="true"]');
  (chosen.checkVisibility?.() === false ? byId('menu-button') : chosen).focus();
}

export function drawConnection() {
  const lost = navigator.onLine === false;
  byId('connection').replaceChildren(
    ...(lost ? [h('p.container', {}, icon('alert'), h('span', {}, t('shell.offline')))] : []),
  );
}

/** On paper nothing opens: all of it is printed. */
function openForPrint() {
  const closed = [...document.querySelectorAll('details.more:not([open])')];
  closed.forEach((line) => {
    line.open = true;
  });
  window.addEventListener(
    'afterprint',
    () =>
      closed.forEach((line) => {
        line.open = false;
      }),
    { once: true },
  );
}

/** {choose(language), logOut, stay} */
export function startShell({ stay, logOut }) {
  const main = byId('main');
  startMenu();
  byId('skip').addEventListener('click', () => (main.querySelector('h1') ?? main).focus());
  byId('idle-stay').addEventListener('click', stay);
  byId('idle-leave').addEventListener('click', logOut);
  byId('idle').addEventListener('cancel', stay); // Escape
  window.addEventListener('beforeprint', openForPrint);
  window.addEventListener('online', drawConnection);
  window.addEventListener('offline', drawConnection);
}

export function drawShell({ choose, logOut }) {
  translatePage();
  byId('facility').textContent = facilityName() ?? t('shell.tagline');
  byId('desk').replaceChildren(deskPart() ?? '');
  byId('skip').hidden = false;
  byId('menu-button').hidden = false;
  byId('menu-button').replaceChildren(icon('menu'), h('span', {}, t('shell.menu')));
  drawLanguages(choose);
  drawAccount(logOut);
  drawConnection();
  drawBanners();
}

export function warnIdle() {
  if (!byId('idle').open) byId('idle').showModal();
}

export function endWarning() {
  if (byId('idle').open) byId('idle').close();
}
