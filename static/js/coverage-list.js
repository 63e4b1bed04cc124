// The findings as lists, one card per sort: a sign for how grave, what it is, how large, and what repairs it.
import { h, icon, put, s } from './dom.js';
import { amount, t } from './texts.js';

const FITTING = ['overlaps', 'gaps', 'slivers', 'unmatched_edges'];
const LINKS = { points_without_unit: 'points', segments_without_chief: 'segments', zones_without_holder: 'zones', expired_pledges: 'zones' };

const sign = (tone) => h('span', { class: `fit-sign is-${tone}`, title: t(`js.fit.tone.${tone}`) }, h('span', {}, { good: '✓', notice: '!', error: '×' }[tone]), h('span', { class: 'unseen' }, t(`js.fit.tone.${tone}`)));

export function titleOf(group, row) {
  if (row.a) return `${row.a} ∩ ${row.b}`;
  if (group === 'uncovered_frontage') return `${row.road || row.segment} · ${t(`js.fit.side.${row.side}`)}`;
  if (row.code) return row.name || row.code;
  return row.parent ? t('js.fit.in', { parent: row.parent }) : (row.beside ?? []).slice(0, 2).join(', ');
}

const wordsOf = (group, row) => (row.code ? row.code : group === 'uncovered_frontage' ? `${row.segment} · ${t('js.fit.of', { m: amount(row.whole_m) })}` : t(`js.fit.kind.${row.kind}`));

export function sizeOf(group, row) {
  if (group === 'unmatched_edges') return row.length_m ? t('js.fit.metres', { m: amount(row.length_m, 1) }) : '';
  if (row.area_m2 !== undefined) return t('js.fit.square', { m2: amount(row.area_m2, row.area_m2 < 100 ? 1 : 0) });
  return row.length_m !== undefined ? t('js.fit.metres', { m: amount(row.length_m) }) : '';
}

/** Return the button of a row: a repair to try here, a form to go to, or only the thing's page. */
function wayOf(group, row, choose, canRepair) {
  if (canRepair && row.repair?.some((one) => one.path)) return h('button', { type: 'button', class: 'button button-small', onclick: () => choose(group, row, { repair: true }) }, t('js.fit.repair'));
  const form = canRepair && row.repair?.find((one) => one.href);
  if (form) return h('a', { class: 'button button-small', href: form.href }, t(`js.fit.do.${form.do}`));
  return LINKS[group] ? h('a', { class: 'button button-small', href: `/${LINKS[group]}/${encodeURIComponent(row.code)}` }, t('js.fit.open')) : null;
}

function line(group, row, { keyOf, choose, hover, canRepair }) {
  const key = keyOf(group, row);
  const pick = h('button', { type: 'button', class: 'fit-row', 'aria-pressed': 'false', onclick: () => choose(group, row, { repair: canRepair && row.repair?.some((one) => one.path) }), onfocus: () => hover(key), onblur: () => hover(null) },
    sign(row.severity), h('strong', {}, titleOf(group, row)), h('span', { class: 'fit-size number' }, sizeOf(group, row)), h('span', { class: 'quiet' }, wordsOf(group, row)));
  return h('li', { 'data-key': key, onmouseenter: () => hover(key), onmouseleave: () => hover(null) }, pick, wayOf(group, row, choose, canRepair));
}

function card(one, wiring, open) {
  const tone = one.errors ? 'error' : one.total ? 'notice' : 'good';
  const body = one.total ? [h('ul', { class: 'fit-rows' }, one.rows.map((row) => line(one.group, row, wiring))),
    one.total > one.rows.length ? h('p', { class: 'quiet fit-more' }, t('js.fit.more', { n: amount(one.total - one.rows.length) })) : null] : [h('p', { class: 'quiet fit-more' }, t('js.fit.none'))];
  const chevron = icon('chevron');
  chevron.classList.add('icon-chevron');
  return h('section', { class: 'card fit-group', 'data-group': one.group }, h('details', { open },
    h('summary', {}, sign(tone), h('h2', {}, t(`js.fit.${one.group}`)), h('b', { class: `count number${one.total ? ' count-bad' : ''}` }, amount(one.total)), chevron), body));
}

function allFits() {
  const mark = s('svg', { class: 'tiles-mark', viewBox: '0 0 48 48', 'aria-hidden': 'true' });
  mark.append(s('path', { d: 'M4 6 22 4 26 20 6 24zM22 4 44 8 40 24 26 20zM6 24 26 20 22 44 8 42zM26 20 40 24 42 42 22 44z', fill: 'currentColor', 'fill-opacity': '.25', stroke: 'currentColor', 'stroke-width': '2', 'stroke-linejoin': 'round' }));
  return h('section', { class: 'card fit-all' }, mark, h('h2', {}, t('js.fit.all')), h('p', { class: 'quiet' }, t('js.fit.all.words')));
}

/** Show all groups; those with findings first and the gravest of them open. */
export function showGroups(place, groups, wiring) {
  const fits = groups.length > 1 && groups.filter((one) => FITTING.includes(one.group)).every((one) => !one.total);
  const open = new Set([...place.querySelectorAll('details[open]')].map((one) => one.closest('section').dataset.group));
  if (!open.size) open.add(groups.find((one) => one.errors)?.group ?? groups.find((one) => one.total)?.group);
  const order = [...groups].sort((a, b) => Number(Boolean(b.errors)) - Number(Boolean(a.errors)) || Number(Boolean(b.total)) - Number(Boolean(a.total)));
  put(place, fits ? allFits() : null, order.map((one) => card(one, wiring, open.has(one.group) && one.total > 0)));
}
