// Builds what is served: htdocs/ with the words of the catalogue, openapi.yaml in one piece, and what the pages use of
// Bootstrap Italia.
//   node build.mjs FOLDER
// From its npm package come the rules whose classes the pages name, and two weights of Titillium Web. They go into
// a cascade layer, so that css/ of htdocs has the last word without a fight of selectors; what is marked !important
// would win from within a layer, so the mark goes. data: images are left out: the policy of the pages allows none. What
// they drew css/ draws itself.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import postcss from 'postcss';
import { PurgeCSS } from 'purgecss';
import { bundle } from './openapi.mjs';
import { addWords } from './words.mjs';

const HTDOCS = fileURLToPath(new URL('../../htdocs', import.meta.url));
const DESCRIPTION = join(HTDOCS, 'openapi');
const KIT = dirname(
  dirname(createRequire(import.meta.url).resolve('bootstrap-italia/dist/css/bootstrap-italia.min.css')),
); // its dist/
const FONTS = {
  400: 'titillium-web-v10-latin-ext_latin-regular.woff2',
  700: 'titillium-web-v10-latin-ext_latin-700.woff2',
};
const WEIGHTS = { 400: '100 500', 700: '600 900' }; // what each stands for
// names that the pages use for rules, icons or words of their own: the kit's would have to be undone one by one
const OURS = new Set(
  'alert autocomplete card card-text card-title container forward icon nav notice people progress progress-bar row section step steps'.split(
    ' ',
  ),
);
const DRAWN = new Set(['.form-select', '.form-control.warning']); // whose data: images the pages draw themselves, or have no use for
// within a callout, letters of a third family; on a focused link, a white ground that knows no dark scheme
const UNWANTED = /\.callout\S* |data-focus-mouse/;

const filesOf = (folder, ending) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path, ending) : ending.test(entry.name) ? [path] : [];
  });

const classesOf = (selector) => [...selector.matchAll(/\.([\w-]+)/g)].map(([, name]) => name);

function leaveOut(declaration) {
  const { selector } = declaration.parent;
  if (!DRAWN.has(selector)) throw new Error(`${selector} loses its picture: draw it in htdocs/css and say so here`);
  declaration.remove();
}

/** The kit's rules that the pages use. */
async function used() {
  const [{ css }] = await new PurgeCSS().purge({
    content: filesOf(HTDOCS, /\.(html|js)$/),
    css: [join(KIT, 'css/bootstrap-italia.min.css')],
    variables: true,
    keyframes: true,
  });
  const root = postcss.parse(css);
  root.walkAtRules(/^(font-face|charset)$/, (rule) => rule.remove());
  root.walkRules((rule) => {
    rule.selectors = rule.selectors.filter(
      (selector) => !UNWANTED.test(selector) && !classesOf(selector).some((name) => OURS.has(name)),
    );
    if (!rule.selectors.filter(Boolean).length) rule.remove();
  });
  root.walkDecls((declaration) => {
    if (declaration.value.includes('data:')) leaveOut(declaration);
    declaration.important = false;
  });
  root.walkRules((rule) => !rule.nodes.length && rule.remove());
  root.walkAtRules('media', (rule) => !rule.nodes.length && rule.remove());
  root.walkComments((comment) => !comment.text.startsWith('!') && comment.remove());
  return root.toString();
}

const face = (weight) => `@font-face {
  font-family: "Titillium Web";
  font-weight: ${WEIGHTS[weight]};
  font-display: optional; /* a page that is there does not move when the letters come */
  src: url("/fonts/titillium-web-${weight}.woff2") format("woff2");
}
`;

const target = resolve(process.argv[2] ?? '../../build/htdocs');
const scratch = `${target}.new`;
rmSync(scratch, { recursive: true, force: true });
cpSync(HTDOCS, scratch, { recursive: true, filter: (path) => path !== DESCRIPTION });
writeFileSync(join(scratch, 'openapi.yaml'), bundle(DESCRIPTION));
addWords(join(scratch, 'i18n'));
mkdirSync(join(scratch, 'fonts'));
for (const [weight, name] of Object.entries(FONTS))
  cpSync(join(KIT, 'fonts/Titillium_Web', name), join(scratch, 'fonts', `titillium-web-${weight}.woff2`));
cpSync(join(KIT, 'fonts/Titillium_Web/OFL.txt'), join(scratch, 'fonts/OFL.txt'));
cpSync(join(KIT, '../LICENSE'), join(scratch, 'css/bootstrap-italia.LICENSE.txt'));
const css = `${Object.keys(FONTS).map(face).join('')}@layer bootstrap-italia {\n${await used()}\n}\n`;
if (/data:|@import|https?:\/\/(?!italia|github|getbootstrap)/.test(css.replace(/\/\*[\s\S]*?\*\//g, '')))
  throw new Error('the stylesheet leads elsewhere');
writeFileSync(join(scratch, 'css/bootstrap-italia.css'), css);
// a portal may be serving from there: it must not find nothing for longer than a moment
const former = `${target}.old`;
rmSync(former, { recursive: true, force: true });
if (existsSync(target)) renameSync(target, former);
renameSync(scratch, target);
rmSync(former, { recursive: true, force: true });
