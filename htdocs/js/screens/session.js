// Where the account is open, and closing what one does not know.
import { get, remove } from '../api.js';
import { h, icon } from '../dom.js';
import { formatMoment, t } from '../i18n.js';
import { problemCallout } from '../messages.js';
import { say } from '../said.js';
import { backLink } from './parts.js';

const ADDRESS = '#/profilo/accessi';

export async function sessionList({ go }) {
  const { sessions: open } = await get('/sessions');
  const said = h('div', { role: 'alert' });

  const close =
    (path, done) =>
    async ({ currentTarget }) => {
      currentTarget.disabled = true;
      try {
        await remove(path, {});
        say(done);
        go(ADDRESS, { replace: true });
      } catch (error) {
        currentTarget.disabled = false;
        said.replaceChildren(problemCallout(error));
      }
    };

  const row = (session) =>
    h(
      'li.card',
      {},
      h('span.card-icon', {}, icon('phone')),
      h(
        'div.card-text',
        {},
        h(
          'h2.card-title',
          {},
          session.device || t('session.unknown'),
          session.current ? h('span.badge.badge-new', {}, t('session.current')) : null,
        ),
        h('p', {}, t('session.opened', { time: formatMoment(session.created_at) })),
        h('p', {}, t('session.seen', { time: formatMoment(session.last_seen_at) })),
        session.current
          ? null
          : h(
              'div.actions',
              {},
              h(
                'button.btn.btn-outline-primary',
                {
                  type: 'button',
                  'aria-describedby': `session-${session.id}`,
                  onclick: close(`/sessions/${session.id}`, t('session.closed')),
                },
                t('session.close'),
              ),
              h('span.visually-hidden', { id: `session-${session.id}` }, session.device || t('session.unknown')),
            ),
      ),
    );
  const others = open.filter(({ current }) => !current);
  return {
    title: t('session.title'),
    above: [backLink('#/profilo', t('profile.back'))],
    content: [
      h('p.lead', {}, t('session.lead')),
      said,
      h('ul.cards', {}, open.map(row)),
      others.length > 1
        ? h(
            'div.actions',
            {},
            h(
              'button.btn.btn-danger',
              { type: 'button', onclick: close('/sessions', t('session.closed_all')) },
              t('session.close_all'),
            ),
          )
        : null,
      h('p.after', {}, t('session.stranger'), ' ', h('a', { href: '#/profilo/password' }, t('password.change.title'))),
    ],
  };
}
