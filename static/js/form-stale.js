// Somebody else saved in the meantime: both versions field by field, and the reader says which one holds.
import { h, notice } from './dom.js';
import { labelOf, sayValue } from './form-values.js';
import { t } from './texts.js';

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function valueNow(current, name) {
  return name === 'geometry' ? current.geometry : current.properties[name] ?? null;
}

/** Make the table; `choose(values, geometry)` gets what was chosen. Where only one side changed a field, that side is preset. */
export function staleTable({ form, mine, base, current, message, names, choose }) {
  const own = { ...mine.values, geometry: mine.geometry };
  const was = { ...base.values, geometry: base.geometry };
  const differing = Object.keys(own).filter((name) => !same(own[name], valueNow(current, name)));
  const picked = Object.fromEntries(differing.map((name) => [name, same(own[name], was[name]) ? 'theirs' : 'mine']));
  const option = (name, side, words) => h('label', { class: 'check' }, h('input', { type: 'radio', name: `stale-${name}`, value: side, checked: picked[name] === side, onchange: () => { picked[name] = side; } }), h('span', {}, words));
  const say = (name, value, known) => (name === 'geometry' ? t('js.form.place') : sayValue(form, name, value, known));
  const rows = differing.map((name) => h('tr', {}, h('th', { scope: 'row' }, labelOf(form, name)),
    h('td', {}, option(name, 'theirs', say(name, valueNow(current, name), current.properties))), h('td', {}, option(name, 'mine', say(name, own[name], names)))));
  const head = h('tr', {}, h('td', {}), h('th', { scope: 'col' }, t('js.form.theirs')), h('th', { scope: 'col' }, t('js.form.mine')));
  const take = () => {
    const chosen = Object.fromEntries(Object.keys(own).map((name) => [name, picked[name] === 'theirs' ? valueNow(current, name) : own[name]]));
    const { geometry, ...values } = chosen;
    choose(values, geometry);
  };
  return notice('care', h('p', {}, message), h('table', { class: 'stale' }, h('thead', {}, head), h('tbody', {}, rows)),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: take }, t('js.form.take'))));
}
