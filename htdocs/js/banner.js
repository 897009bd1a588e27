// What the operator tells everybody, above every screen: "today the reports are late".
import { glance } from './api.js';
import { h, icon } from './dom.js';
import { language, portalLanguage, t } from './i18n.js';

const FRESH = 60_000; // ms, as long as the answer may be kept
const PATIENCE = 2000; // ms; the first screen waits for it, so that nothing moves afterwards
const LONGEST = 2 ** 31 - 1; // ms, of a timer

let banners = [];
let asked = -Infinity;
let ending;

/** Without an answer all stays as it was, until the next screen asks again. */
export async function loadBanners() {
  if (Date.now() - asked < FRESH) return;
  const answer = await glance('/banners', PATIENCE);
  if (!answer) return;
  asked = Date.now();
  banners = answer.banners;
}

/** A text that would take more than two lines has a button that opens it. */
function fold(element) {
  const [text, button] = element.querySelectorAll('.banner-text, .banner-whole');
  if (button.getAttribute('aria-expanded') === 'true') return;
  button.hidden = true; // it takes room from the words
  button.hidden = text.scrollHeight <= text.clientHeight + 1;
}

const watched = new ResizeObserver((entries) => entries.forEach(({ target }) => fold(target)));

function line(text, tongue) {
  const button = h('button.banner-whole', {
    type: 'button',
    onclick: () => open(button.getAttribute('aria-expanded') === 'false'),
  });
  const open = (whole) => {
    button.setAttribute('aria-expanded', String(whole));
    button.textContent = t(whole ? 'banner.less' : 'banner.whole');
  };
  open(false);
  return h('p.container', {}, icon('info'), h('span.banner-text', { lang: tongue, dir: 'ltr' }, text), button);
}

/** Only what has changed is written: it is read out once, and not with each screen. */
export function drawBanners() {
  const left = (banner) => new Date(banner.ends_at) - Date.now();
  const tongue = portalLanguage();
  const shown = banners.filter((banner) => left(banner) > 0);
  const element = document.getElementById('banners');
  const texts = shown.map((banner) => banner[tongue]);
  const drawn = JSON.stringify([language(), ...texts]);
  if (element.dataset.shown !== drawn) {
    element.dataset.shown = drawn;
    watched.disconnect();
    element.replaceChildren(...texts.map((text) => line(text, tongue)));
    [...element.children].forEach((one) => {
      fold(one);
      watched.observe(one);
    });
  }
  clearTimeout(ending);
  if (shown.length) ending = setTimeout(drawBanners, Math.min(LONGEST, ...shown.map(left)));
}

async function renew() {
  if (document.visibilityState !== 'visible') return;
  await loadBanners();
  drawBanners();
}

/** With each screen, and when somebody comes back to the page. */
export function watchBanners() {
  window.addEventListener('hashchange', renew);
  document.addEventListener('visibilitychange', renew);
}
