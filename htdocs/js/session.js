// Who is logged in, and for how long: 20 minutes after the last request the portal forgets the session.
import { get, on, remove } from './api.js';
import { keepLanguage } from './i18n.js';
import { forgetPending } from './pending.js';
import { forgetPeople } from './people.js';
import { forgetRegistration } from './registration.js';
import { forgetSlip } from './slip.js';

const MINUTE = 60_000;
const IDLE = 20 * MINUTE;
const WARNING = 18 * MINUTE;

let account = null;
let lastAnswer = 0;
let previousAccount = null;
const listeners = [];
const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('session') : null;

export const currentAccount = () => account;

/** listener('opened' | 'changed' | 'closed' | 'ended' | 'warning' | 'alive') */
export const onSession = (listener) => listeners.push(listener);

const tell = (event) => listeners.forEach((listener) => listener(event));

function forget() {
  account = null;
  forgetRegistration();
}

function accept(answer) {
  account = answer.account;
  lastAnswer = Date.now();
  if (previousAccount !== account.id) forgetPeople();
  previousAccount = account.id;
  forgetRegistration();
}

/** After logging in or registering. */
export function opened(answer) {
  accept(answer);
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
  closed();
  tabs?.postMessage('closed');
}

function closed() {
  forget();
  forgetPeople();
  forgetPending();
  forgetSlip();
  keepLanguage();
  tell('closed');
}

/** The account is gone, and the session with it. */
export function deleted() {
  closed();
  tabs?.postMessage('closed');
}

/** The portal no longer knows the session, or must not any more: nothing stays on the screen. */
function ended() {
  if (!account) return;
  forget(); // what was typed for an activation waits for the same person to come back
  tell('ended');
}

function look() {
  if (!account) return;
  const idle = Date.now() - lastAnswer;
  if (idle >= IDLE) ended();
  else if (idle >= WARNING) tell('warning');
}

on('answered', () => {
  if (!account) return;
  lastAnswer = Date.now();
  tell('alive');
  tabs?.postMessage('alive');
});
on('unauthenticated', ended);
tabs?.addEventListener('message', ({ data }) => {
  if (!account) return;
  if (data === 'closed') closed();
  if (data === 'alive') {
    lastAnswer = Date.now();
    tell('alive');
  }
});
setInterval(look, 5000);
document.addEventListener('visibilitychange', look); // a phone that slept
