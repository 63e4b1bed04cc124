// One finding repaired: the ways out as buttons, each tried on the map first, done with one press and taken back with another.
import { call, newKey } from './api.js';
import { sizeOf, titleOf } from './coverage-list.js';
import { h, notice, put } from './dom.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const metres = (m2) => (m2 === null || m2 === undefined ? '—' : amount(m2, 1));

function table(changes) {
  return h('table', { class: 'fit-changes' }, h('thead', {}, h('tr', {}, h('th', {}, t('js.fit.zone')), h('th', {}, t('js.fit.before_after')))),
    h('tbody', {}, changes.map((one) => h('tr', {}, h('td', {}, one.name || one.zone || t('js.fit.new')), h('td', { class: 'number' }, `${metres(one.before_m2)} → ${metres(one.after_m2)}`)))));
}

async function undo({ path, body }, done) {
  try {
    await call('POST', path, { body, key: newKey() });
    toast(t('js.fit.undone'));
  } catch (error) {
    toast(error.message, { tone: 'bad' });
  }
  done();
}

export function showRepair(place, map, group, row, { done, close }) {
  const ways = row.repair.filter((one) => one.path);
  const said = h('div', { 'aria-live': 'polite' });
  const buttons = h('div', { class: 'actions', role: 'group', 'aria-label': t('js.fit.ways') });
  const keep = h('div', { class: 'actions' });
  let turn = 0;

  async function apply(way, versions) {
    keep.replaceChildren(h('span', { class: 'spinner' }));
    try {
      const { data } = await call('POST', way.path, { body: versions ? { ...way.body, versions } : way.body, key: newKey() });
      const back = way.undo ?? data.undo ?? { path: '/zones/undo', body: { zones: data.zones } };
      toast(t('js.fit.done'), { tone: 'good', act: { label: t('js.fit.undo'), run: () => undo(back, done) } });
      done();
    } catch (error) {
      put(said, notice('bad', error.message));
      put(keep);
    }
  }

  const doing = (way, versions) => [h('button', { type: 'button', class: 'button button-main', onclick: () => apply(way, versions) }, t('js.fit.apply')), h('button', { type: 'button', class: 'button button-plain', onclick: close }, t('js.fit.cancel'))];

  async function attempt(way, button) {
    const mine = ++turn;
    for (const one of buttons.children) one.setAttribute('aria-pressed', String(one === button));
    put(said, h('span', { class: 'spinner', role: 'status', 'aria-label': t('js.fit.trying') }));
    put(keep);
    if (way.is_direct) {
      put(said, h('p', { class: 'quiet' }, t(`js.fit.do.${way.do}.words`)));
      put(keep, ...doing(way));
      return;
    }
    try {
      const { data } = await call('POST', `${way.path}?preview=true`, { body: way.body });
      if (mine !== turn) return;
      const versions = Object.fromEntries(data.changes.filter((one) => one.version).map((one) => [one.zone, one.version]));
      map.showAfter(data.changes);
      put(said, table(data.changes));
      put(keep, ...doing(way, versions));
    } catch (error) {
      if (mine !== turn) return;
      map.clearAfter();
      put(said, notice('bad', error.message));
    }
  }

  for (const way of ways) {
    const button = h('button', { type: 'button', class: 'button button-small', 'aria-pressed': 'false', onclick: () => attempt(way, button) }, t(`js.fit.do.${way.do}`, { zone: way.zone }));
    buttons.append(button);
  }
  const forms = row.repair.filter((one) => one.href).map((one) => h('a', { class: 'button button-small', href: one.href }, t(`js.fit.do.${one.do}`)));
  put(place, h('h3', {}, titleOf(group, row), ' ', h('span', { class: 'quiet number' }, sizeOf(group, row))), buttons, forms.length ? h('div', { class: 'actions' }, forms) : null, said, keep);
  if (ways.length) attempt(ways[0], buttons.firstChild);
}
