// What would change: the open issues that another unit would answer for, asked page by page so that one sees it go on.
import { call } from './api.js';
import { h, notice, put } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const PAGE = 300;
const FIRST = 8;
const SHOWN = 200;
const className = (code) => page.classes.find((one) => one.code === code)?.name ?? code;
const unitName = ({ unit }) => unit?.name ?? t('js.cascade.nobody');

function row(one) {
  return h('tr', {}, h('td', {}, h('a', { href: `/issues/${encodeURIComponent(one.issue_no)}` }, one.issue_no), h('br'), h('span', { class: 'quiet' }, className(one.class))),
    h('td', {}, unitName(one.from), ' ', h('span', { class: 'chip' }, t(`js.cascade.basis.${one.from.basis}`))),
    h('td', {}, '→ ', h('strong', {}, unitName(one.to)), ' ', h('span', { class: 'chip' }, t(`js.cascade.basis.${one.to.basis}`))));
}

function rowsOf(rows) {
  const head = ['js.cascade.issue', 'js.cascade.from', 'js.cascade.to'].map((key) => h('th', { scope: 'col' }, t(key)));
  return h('table', { class: 'move-list' }, h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows.map(row)));
}

function table(title, rows) {
  if (!rows.length) return null;
  const rest = rows.slice(FIRST, SHOWN);
  return h('section', {}, h('h3', {}, `${title} `, h('span', { class: 'chip number' }, rows.length)), rowsOf(rows.slice(0, FIRST)),
    rest.length ? h('details', { class: 'more' }, h('summary', {}, t('js.cascade.more', { n: rows.length - FIRST })), rowsOf(rest),
      rows.length > SHOWN ? h('p', { class: 'quiet' }, t('js.cascade.more', { n: rows.length - SHOWN })) : null) : null);
}

/** Ask and show; `button` rests meanwhile. */
export async function showMoves(box, button, draft) {
  const found = { moves: [], dispatched: [], checked: 0 };
  const bar = h('progress', { value: 0, max: 1, 'aria-label': t('js.cascade.looking') });
  const said = h('p', { class: 'quiet number' }, t('js.cascade.looking'));
  button.disabled = true;
  put(box, bar, said);
  const body = structuredClone(draft);
  try {
    for (let after = 0; after !== null;) {
      const { data } = await call('POST', `/cascade?preview=true&limit=${PAGE}&after=${after}`, { body });
      found.moves.push(...data.moves);
      found.dispatched.push(...data.dispatched);
      found.checked += data.checked;
      after = data.next;
      bar.max = Math.max(data.total, 1);
      bar.value = found.checked;
      put(said, t('js.cascade.checked', { n: found.checked, total: data.total }));
    }
    const nothing = !found.moves.length && !found.dispatched.length;
    put(box, h('p', { 'data-checked': found.checked }, nothing ? t('js.cascade.nothing', { n: found.checked }) : t('js.cascade.would', { n: found.moves.length, m: found.dispatched.length, total: found.checked })),
      table(t('js.cascade.moves'), found.moves), table(t('js.cascade.dispatched'), found.dispatched));
  } catch (error) {
    put(box, notice('bad', error.message));
  } finally {
    button.disabled = false;
  }
}
