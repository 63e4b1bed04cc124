// What narrows the map, as chips: each says what it holds back and goes away by a tap.
import { $, h, put } from './dom.js';
import { learn, nameOf } from './naming.js';
import { FILTERS, state } from './state.js';
import { STATUSES } from './symbols.js';
import { day, t } from './texts.js';

const MOST_NAMES = 2;
const own = new Map();

/** Let another module add a chip: `tell()` returns its words, or '' where there is nothing to tell; `away()` takes it back. */
export function addChip(name, tell, away) {
  own.set(name, { tell, away });
}

function listed(name, codes) {
  const names = codes.slice(0, MOST_NAMES).map((code) => nameOf(name, code)).join(t('js.comma'));
  return codes.length > MOST_NAMES ? t('js.chip.and_more', { names, count: codes.length }) : names;
}

function words(name, value) {
  if (name === 'q') return t('js.chip.q', { text: value });
  if (name === 'within') return t('js.chip.within');
  if (name === 'code') return t('js.chip.code', { count: value.split(',').length });
  if (name === 'not_seen_days') return t('js.chip.of', { name: t('js.filters.not_seen_days'), value: t('js.filters.days_n', { n: value }) });
  return t('js.chip.of', { name: t(`js.filters.${name}`), value: ['from', 'to'].includes(name) ? day(value) : listed(name, value.split(',').filter(Boolean)) });
}

/** The days of a range are one chip. */
function span(filters) {
  const [from, to] = [filters.from, filters.to].map((value) => (value ? day(value) : '…'));
  return t('js.chip.of', { name: t('js.filters.days'), value: from === to ? from : `${from} — ${to}` });
}

function chips() {
  const { filters, statuses, classes } = state.now;
  const made = [];
  const chip = (label, away, name) => made.push(h('button', { type: 'button', 'data-chip': name, 'aria-label': t('js.filter.remove', { name: label }), onclick: away }, h('span', {}, label)));
  for (const name of FILTERS) {
    if (!filters[name] || name === 'to' && filters.from) continue;
    if (name === 'from' || name === 'to') chip(span(filters), () => { const { from, to, ...rest } = state.now.filters; state.set({ filters: rest }); }, 'days');
    else chip(words(name, filters[name]), () => state.setFilter(name, ''), name);
  }
  if (statuses.length) chip(t('js.chip.of', { name: t('js.chip.status'), value: STATUSES.filter((status) => statuses.includes(status)).map((status) => t(`js.status.${status}`)).join(t('js.comma')) }), () => state.set({ statuses: [] }), 'status');
  if (classes.length) chip(t('js.chip.classes', { count: classes.length }), () => state.set({ classes: [] }), 'classes');
  for (const [name, { tell, away }] of own) if (tell()) chip(tell(), away, name);
  return made;
}

/** Count what narrows the map: filters, statuses and classes; the day has a banner of its own. */
export function narrowed() {
  const { filters, statuses, classes } = state.now;
  return Object.keys(filters).filter((name) => name !== 'to' || !filters.from).length + Number(statuses.length > 0) + Number(classes.length > 0);
}

/** Take away everything that narrows the map. */
export function clearAll() {
  state.set({ filters: {}, statuses: [], classes: [], on: '' });
}

/** Draw the chips as things stand. */
export function drawChips() {
  const made = chips();
  if (made.length > 1) made.push(h('button', { type: 'button', class: 'chips-clear', onclick: () => { clearAll(); for (const { tell, away } of own.values()) if (tell()) away(); } }, t('js.filters.clear_all')));
  put($('chips'), made);
  const count = narrowed();
  $('filter-count').hidden = !count;
  $('filter-count').textContent = count;
}

/** Draw them now, after each change, and again when names have come. */
export function wireChips() {
  const draw = () => {
    drawChips();
    learn(state.now.filters).then((came) => { if (came) drawChips(); });
  };
  state.hear(['filters', 'statuses', 'classes'], draw);
  draw();
}
