// The entry page: what this is, and the two ways in.
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';

const step = (name, picture) =>
  h(
    'li.step',
    {},
    h('span.step-icon', {}, icon(picture)),
    h('div', {}, h('h3', {}, t(`home.${name}.title`)), h('p', {}, t(`home.${name}.text`))),
  );

export function home() {
  return {
    title: t('home.title'),
    wide: true,
    content: [
      h('p.lead', {}, t('home.lead')),
      h(
        'div.doors',
        {},
        h(
          'section.door',
          {},
          h('h2', {}, t('home.known.title')),
          h('p', {}, t('home.known.text')),
          h('a.btn.btn-primary', { href: '#/accedi' }, icon('key'), h('span', {}, t('login.title'))),
        ),
        h(
          'section.door',
          {},
          h('h2', {}, t('home.first.title')),
          h('p', {}, t('home.first.text')),
          h(
            'a.btn.btn-outline-primary',
            { href: '#/registrati' },
            icon('person'),
            h('span', {}, t('registration.title')),
          ),
        ),
      ),
      h(
        'section.how',
        {},
        h('h2', {}, t('home.how')),
        h(
          'ol.steps',
          {},
          step('desk', 'slip'),
          step('registration', 'phone'),
          step('activation', 'key'),
          step('read', 'document'),
        ),
      ),
    ],
  };
}
