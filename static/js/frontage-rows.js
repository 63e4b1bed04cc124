// The proposal as a table: every zone a row that can be renamed, moved, given to somebody, or left out.
import { h, put } from './dom.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const PORTION = 120;
let shown = PORTION;

const label = (name) => t(`js.front.col.${name}`);

/** Say on which side of which street something lies; a page about one segment need not name it. */
const where = (one) => (page.segments.length > 1 ? `${one.segment} · ` : '') + t(`js.front.side.${one.side}`);

function text(one, name, value, run) {
  const input = h('input', { class: 'input', value: value ?? '', 'aria-label': `${label(name)} ${one.name}`, autocomplete: 'off' });
  input.addEventListener('change', () => run(one, { [name]: input.value.trim() }));
  return input;
}

function metre(one, name, run) {
  const input = h('input', { class: 'input number metre', type: 'number', inputmode: 'decimal', step: '0.1', min: '0', value: one[name].toFixed(2), 'aria-label': `${label(name)} ${one.name}` });
  input.addEventListener('change', () => { if (input.value !== '') run(one, { [name]: Number(input.value) }); });
  return input;
}

function row(one, state, { change, choose }) {
  const isOut = state.out.has(one.key);
  const edited = state.edits[one.key] ?? {};
  const include = h('input', { type: 'checkbox', checked: !isOut, 'aria-label': `${label('in')} ${one.name}`, onchange: (event) => change(one, { leave_out: !event.target.checked }) });
  const cell = (name, child, more = '') => h('td', { 'data-label': label(name), class: more || null }, child);
  const line = h('tr', { 'data-key': one.key, class: [isOut ? 'is-out' : '', one.key === state.chosen ? 'is-chosen' : ''].join(' ').trim() || null },
    cell('in', h('label', { class: 'check' }, include, h('span', { class: 'chip' }, t(isOut ? 'js.front.out' : one.is_new ? 'js.front.new' : 'js.front.changed')))),
    cell('place', h('button', { type: 'button', class: 'button button-plain place', onclick: () => choose(one) }, where(one))),
    cell('name', text(one, 'name', edited.name ?? one.name, change), 'wide'),
    cell('holder', text(one, 'holder', edited.holder ?? one.holder, change)),
    cell('unit', text(one, 'unit', edited.unit ?? one.unit_name ?? one.unit, change)),
    cell('from_m', metre(one, 'from_m', change)), cell('to_m', metre(one, 'to_m', change)),
    cell('frontage_m', amount(one.frontage_m, 2), 'right number'), cell('depth_m', amount(one.depth_m, 2), 'right number'),
    cell('after_m2', amount(one.after_m2, 2), 'right number'));
  if (isOut) line.querySelectorAll('input:not([type=checkbox])').forEach((input) => { input.disabled = true; });
  return line;
}

/** Draw the rows of a proposal: in their order along each side, what was left out at its end. */
export function drawRows(box, state, acts) {
  const rows = [...state.changes.filter((one) => one.key), ...state.out.values()];
  if (!rows.length) {
    put(box, h('p', { class: 'quiet' }, t(state.unchanged ? 'js.front.nothing_new' : 'js.front.nothing')));
    return;
  }
  const focus = document.activeElement?.getAttribute('aria-label');
  const heads = ['in', 'place', 'name', 'holder', 'unit', 'from_m', 'to_m', 'frontage_m', 'depth_m', 'after_m2'];
  const right = ['frontage_m', 'depth_m', 'after_m2'];
  const more = rows.length > shown ? h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button', onclick: () => { shown += PORTION * 4; drawRows(box, state, acts); } }, t('js.front.more', { count: amount(rows.length - shown) }))) : null;
  put(box, h('table', { class: 'front-table' }, h('thead', {}, h('tr', {}, heads.map((name) => h('th', { scope: 'col', class: right.includes(name) ? 'right' : null }, label(name))))),
    h('tbody', {}, rows.slice(0, shown).map((one) => row(one, state, acts)))), more);
  if (focus) [...box.querySelectorAll('[aria-label]')].find((one) => one.getAttribute('aria-label') === focus)?.focus({ preventScroll: true });
}

/** Draw the stretches that nobody has; each flies to its place. */
export function drawFree(box, free, fly) {
  put(box, h('ul', { class: 'front-free-list' }, free.map((one) => h('li', {}, h('button', { type: 'button', class: 'button button-plain', onclick: () => fly(one) },
    h('span', {}, `${where(one)} · ${amount(one.from_m, 1)}–${amount(one.to_m, 1)}`), h('b', { class: 'number' }, t('js.front.metres', { m: amount(one.length_m, 1) })))))));
}

/** Draw the shops that got no ground: their neighbours' doors leave none. */
export function drawHomeless(box, shops) {
  put(box, h('ul', { class: 'front-free-list' }, shops.map((one) => h('li', {}, h('a', { href: `/units/${encodeURIComponent(one.unit)}` }, one.name || one.unit)))));
}
