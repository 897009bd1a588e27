// People in front of a browser, as the page tests need them.
import { readFileSync } from 'node:fs';
import { Patient } from './patient.mjs';
import { person } from './people.mjs';

/** {patient, insider} for this browser. */
export function visitors(browser, { steps, outbox }) {
  /** Somebody with an acceptance, in a window of their own. */
  async function patient(name, options = {}, of = person()) {
    if (!of.acceptance) await steps.accept(of);
    const screen = await browser.open(name, options);
    return new Patient({ screen, of, steps, outbox, look: options.look });
  }

  /** Somebody with an active dossier (made without the browser), logged in. */
  async function insider(name, options = {}, of = person()) {
    if (!of.client) await steps.activate(of);
    const one = await patient(name, { look: false, ...options }, of);
    await one.enter();
    await one.showsDossier();
    return one;
  }
  return { patient, insider };
}

/** The bytes that this press downloads, and the name proposed for them. */
export async function downloaded(screen, press) {
  const [file] = await Promise.all([screen.page.waitForEvent('download'), press()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
