// How the facility's desk is reached: beside whatever sends a person there.
import { h } from './dom.js';
import { facilityDesk } from './facility.js';
import { portalLanguage, t } from './i18n.js';

const line = (key, ...value) => h('p', {}, h('span.desk-label', {}, `${t(key)}: `), ...value);

/** null where it is not known: then the text beside it has to do. */
export function deskPart() {
  const desk = facilityDesk();
  if (!desk) return null;
  const tongue = portalLanguage();
  return h(
    'address.desk',
    {},
    line(
      'desk.telephone',
      h('a', { href: `tel:${desk.telephone.replace(/[^+\d]/g, '')}` }, h('bdi', { dir: 'ltr' }, desk.telephone)),
    ),
    line('desk.hours', h('bdi', { lang: tongue }, desk.hours[tongue])),
    line('desk.address', h('bdi', { lang: 'it' }, desk.address)),
  );
}
