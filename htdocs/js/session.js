// Who is logged in, and for how long: 20 minutes after the last request the portal forgets the session.
import { get, on, remove, showAccount } from './api.js';
import { forgetDrafts } from './drafts.js';
import { keepLanguage } from './i18n.js';
import { forgetPending } from './pending.js';
import { forgetRegistration } from './registration.js';
import { forgetSlip } from './slip.js';

const MINUTE = 60_000;
const IDLE = 20 * MINUTE;
const WARNING = 18 * MINUTE;

let account = null;
let lastAnswer = 0;
let previousAccount = null;
const listeners = [];
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('account') : null;

export const currentAccount = () => account;

/**
 * listener('opened' | 'changed' | 'closed' | 'expired' | 'ended' | 'warning' | 'alive'), and of what was done in another tab:
 * 'replaced': this screen's account is no longer the one logged in; 'elsewhere': somebody has logged in
 */
export const onSession = (listener) => listeners.push(listener);

const tell = (event) => listeners.forEach((listener) => listener(event));

const tellTabs = (event) => channel?.postMessage({ event, id: account?.id });

function forget() {
  account = null;
  showAccount(null);
  forgetRegistration();
}

function accept(answer) {
  account = answer.account;
  showAccount(account.id);
  lastAnswer = Date.now();
  if (previousAccount !== account.id) forgetDrafts();
  previousAccount = account.id;
  forgetRegistration();
}

/** After logging in or registering. */
export function opened(answer) {
  if (previousAccount !== answer.account.id) forgetPending();
  accept(answer);
  tellTabs('opened');
  tell('opened');
}

/** Asks the portal, when the pages start. Throws when there is no answer. */
export async function restore() {
  try {
    accept(await get('/session'));
  } catch (error) {
    if (error.status !== 401) throw error;
    account = null;
  }
}

/** Asks anew who is logged in: the account itself has changed. */
export async function refresh() {
  account = (await get('/session')).account;
  tell('changed');
}

/** Asks for nothing but to go on. */
export const stay = () => get('/session');

export async function logOut() {
  try {
    await remove('/session');
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  deleted();
}

function forgetAll() {
  forget();
  forgetDrafts();
  forgetPending();
  forgetSlip();
  keepLanguage();
}

function closed() {
  forgetAll();
  tell('closed');
}

/** The account is gone, and the session with it. */
export function deleted() {
  tellTabs('closed');
  closed();
}

/** Somebody else has logged in with this browser: nothing of the account shown here stays. */
function replaced() {
  if (!account) return;
  forgetAll();
  tell('replaced');
}

const idleFor = () => Date.now() - lastAnswer;

/**
 * The portal no longer knows the session, or must not any more: nothing stays on the screen. 'expired' after so long without
 * a request; 'ended' otherwise: from another device, by a new password, at its longest time.
 */
function ended() {
  if (!account) return;
  forget(); // what was typed for an activation waits for the same person to come back
  tell(idleFor() >= IDLE - MINUTE ? 'expired' : 'ended'); // the portal notes requests twice a minute
}

function look() {
  if (!account) return;
  const idle = idleFor();
  if (idle >= IDLE) ended();
  else if (idle >= WARNING) tell('warning');
}

on('answered', () => {
  if (!account) return;
  lastAnswer = Date.now();
  tell('alive');
  tellTabs('alive');
});
on('unauthenticated', ended);
on('account-changed', replaced);
channel?.addEventListener('message', ({ data: { event, id } }) => {
  if (!account) {
    if (event === 'opened') tell('elsewhere');
  } else if (id !== account.id) {
    if (event === 'opened') replaced();
  } else if (event === 'closed') {
    closed();
  } else {
    lastAnswer = Date.now();
    tell('alive');
  }
});
setInterval(look, 5000);
document.addEventListener('visibilitychange', look); // a phone that slept
