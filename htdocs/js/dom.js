// Builds elements. Texts are always text nodes: nothing that comes from outside is ever read as HTML.

import { ICONS } from './icons.js';

const SVG = 'http://www.w3.org/2000/svg';

/** h('p.lead', {id: 'x', onclick}, 'text', node, null): classes after dots; null and false attributes are left out. */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** A picture that says nothing by itself; see icons.js. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  svg.setAttribute('viewBox', '0 0 24 24');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Text with empty lines between its paragraphs; a few words that open one stand out, so that eyes find their way. */
export function paragraphs(text) {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => {
      const [, lead, rest] = /^(.{1,45}?[.?])\s+(.+)$/s.exec(part.trim()) ?? [];
      return h('p', {}, ...(lead ? [h('strong', {}, lead), ` ${rest}`] : [part.trim()]));
    });
}
