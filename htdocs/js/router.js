// Which screen an address (#/…) shows. Back, forward and reload work as everywhere.
import { h } from './dom.js';
import { t } from './i18n.js';

/** Lists within lists, with gaps. */
const shown = (nodes = []) => nodes.flat(Infinity).filter(Boolean);

const PATIENCE = 400; // ms; only what takes longer is announced as loading

/**
 * @param {object} options
 * @param {HTMLElement} options.main where screens go
 * @param {HTMLElement} options.told where is said what the screen before has left to say; it stays: words that come with their element are not read aloud
 * @param {Array<[string, string, Function]>} options.routes pattern ("/referto/:id"), who may see it, and screen: async (params) => {title, content, patient: whose it is}
 * @param {Function} options.elsewhere (who may see it) => address to go to instead, or null
 * @param {Function} options.failed (error, again) => screen
 * @param {Function} options.missing () => screen
 * @param {Function} options.acting (patient of a screen) => that it is another's, an element, or null
 * @param {Function} options.said () => what that is, an element or null
 */
export function createRouter({ main, told, routes, elsewhere, failed, missing, acting, said }) {
  let turn = 0;
  let leave = null;

  const parts = (path) => path.split('/').filter(Boolean);

  /** A percent sign that stands for nothing (a code typed or read wrong) stays as it is. */
  function address() {
    const typed = location.hash.replace(/^#/, '') || '/';
    try {
      return decodeURI(typed);
    } catch {
      return typed;
    }
  }

  function find(path) {
    const wanted = parts(path);
    for (const [pattern, access, screen] of routes) {
      const names = parts(pattern);
      if (names.length !== wanted.length) continue;
      if (!names.every((name, index) => name.startsWith(':') || name === wanted[index])) continue;
      const params = Object.fromEntries(
        names
          .map((name, index) => [name.slice(1), wanted[index]])
          .filter((pair, index) => names[index].startsWith(':')),
      );
      return { access, screen, params };
    }
    return null;
  }

  async function make() {
    const found = find(address());
    if (!found) return missing();
    const other = elsewhere(found.access);
    if (other) return { elsewhere: other };
    try {
      return await found.screen(found.params);
    } catch (error) {
      return failed(error, () => show());
    }
  }

  function put(screen, keepFocus) {
    leave?.();
    leave = screen.leave ?? null;
    const heading = h('h1', { tabindex: '-1' }, screen.heading ?? screen.title);
    main.replaceChildren(...shown(screen.above), ...shown([acting(screen.patient)]), heading, ...shown(screen.content));
    main.className = `container ${screen.wide ? 'container-wide' : 'container-narrow'}`;
    document.title = `${screen.title} – ${t('shell.service')}`;
    if (!keepFocus) {
      window.scrollTo(0, 0);
      heading.focus({ preventScroll: true });
    }
    told.replaceChildren(...shown([said()]));
  }

  /** Shows the screen of the address (again). */
  async function show({ keepFocus = false } = {}) {
    const mine = ++turn;
    main.setAttribute('aria-busy', 'true');
    const timer = setTimeout(() => {
      if (mine === turn) main.replaceChildren(h('p.loading', { role: 'status' }, t('shell.loading')));
    }, PATIENCE);
    const screen = await make();
    clearTimeout(timer);
    if (mine !== turn) return;
    if (screen.elsewhere) return go(screen.elsewhere, { replace: true });
    main.removeAttribute('aria-busy');
    put(screen, keepFocus);
  }

  /** Takes what is shown off the screen at once. */
  function clear() {
    turn++;
    leave?.();
    leave = null;
    main.replaceChildren();
    told.replaceChildren();
  }

  function go(path, { replace = false } = {}) {
    if (location.hash === path) return show();
    if (!replace) {
      location.hash = path; // hashchange does the rest
      return undefined;
    }
    history.replaceState(null, '', path);
    return show();
  }

  window.addEventListener('hashchange', () => show());
  window.addEventListener('pageshow', (event) => event.persisted && show()); // back from a document shown in this tab
  return { show, go, clear, address: () => location.hash || '#/' };
}
