// The data-quality report as a picture: how full each column is, how many of its values are wrong, and what the rows are made of.
import { h, put, s } from './dom.js';
import { systemName } from './import-looks.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const [WIDTH, HIGH] = [240, 14];
const MOST_SHARES = 12;
const MOST_DISTINCT = 2000; // so many different values are counted

const percent = (share) => `${amount(share * 100, share > 0 && share < 1 && (share < 0.01 || share > 0.99) ? 1 : 0)}%`;

/** A bar of right, wrong and empty; the pattern of what is wrong tells it without colour. */
function bar(right, wrong, words) {
  return s('svg', { class: 'imp-bar', viewBox: `0 0 ${WIDTH} ${HIGH}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words },
    s('rect', { class: 'is-empty', width: WIDTH, height: HIGH }), s('rect', { class: 'is-right', width: (right * WIDTH).toFixed(1), height: HIGH }),
    wrong ? s('rect', { class: 'is-wrong', x: (right * WIDTH).toFixed(1), width: Math.max(2, wrong * WIDTH).toFixed(1), height: HIGH }) : null);
}

function columnRow(one, rows) {
  const [filled, wrong] = [rows ? one.filled / rows : 0, rows ? (one.wrong ?? 0) / rows : 0];
  const words = t('js.import.quality.said', { name: one.name ?? one.field, share: percent(filled), wrong: amount(one.wrong ?? 0) });
  return h('tr', {}, h('th', { scope: 'row' }, one.name ?? one.field, one.heading && one.heading !== one.name ? h('span', { class: 'quiet' }, one.heading) : null),
    h('td', { class: 'imp-bar-cell' }, bar(Math.max(0, filled - wrong), wrong, words)), h('td', { class: 'number', 'data-label': t('js.import.quality.filled') }, percent(filled)),
    h('td', { class: `number ${one.wrong ? 'imp-out' : 'quiet'}`, 'data-label': t('js.import.quality.wrong') }, one.wrong ? amount(one.wrong) : '—'), h('td', { class: 'number quiet', 'data-label': t('js.import.quality.distinct') }, one.distinct === null || one.distinct === undefined ? '—' : one.distinct >= MOST_DISTINCT ? `${amount(one.distinct)}+` : amount(one.distinct)));
}

function sharesOf(title, parts, rows) {
  const known = parts.filter((one) => one.rows && one.code !== 'auto').sort((a, b) => b.rows - a.rows);
  if (!known.length) return null;
  const shown = known.slice(0, MOST_SHARES);
  return h('section', { class: 'imp-share' }, h('h3', {}, title), h('ul', {}, shown.map((one) => h('li', {}, h('span', {}, one.name ?? one.code), bar(one.rows / Math.max(rows, 1), 0, `${one.name ?? one.code} ${percent(one.rows / Math.max(rows, 1))}`), h('span', { class: 'number' }, amount(one.rows))))),
    known.length > shown.length ? h('p', { class: 'quiet' }, t('js.import.quality.more', { n: amount(known.length - shown.length) })) : null);
}

const partsOf = (value, nameOf) => (Array.isArray(value) ? value : Object.entries(value ?? {}).map(([code, rows]) => ({ code, rows, name: nameOf(code) })));

/** Draw the report; the card stays away where there is none. */
export function drawQuality(card, box, truth) {
  const { quality, counts } = truth;
  card.hidden = !quality?.columns?.length;
  if (card.hidden) return;
  const signature = JSON.stringify(quality);
  if (box.dataset.seen === signature) return;
  box.dataset.seen = signature;
  const rows = quality.rows ?? counts?.rows ?? 0;
  const names = page.field_names?.[truth.kind] ?? {};
  const columns = quality.columns.map((one) => ({ ...one, name: one.name ?? names[one.field] ?? page.field_names?.['*']?.[one.field] ?? one.field }));
  const did = [['created', 'create'], ['updated', 'update'], ['unchanged', 'unchanged'], ['problems', 'refused']].map(([of, code]) => ({ code, rows: counts?.[of] ?? 0, name: t(`js.import.did.${code}`) }));
  const shares = Object.entries(quality.shares ?? {}).filter(([name]) => name !== 'did').map(([name, value]) => sharesOf(t(`js.import.quality.share.${['system', 'type', 'class', 'kind', 'state', 'role', 'unit'].includes(name) ? name : 'other'}`), partsOf(value, (code) => (name === 'system' ? systemName(code) : code)), rows));
  put(box, h('p', { class: 'imp-quality-words' }, t('js.import.quality.words', { rows: amount(rows), share: percent(rows ? (counts?.ok ?? rows) / rows : 0) })),
    h('div', { class: 'imp-quality' }, h('table', { class: 'imp-quality-table' }, h('caption', {}, t('js.import.quality.columns')),
      h('thead', {}, h('tr', {}, ['column', 'picture', 'filled', 'wrong', 'distinct'].map((name) => h('th', { scope: 'col' }, t(`js.import.quality.${name}`))))), h('tbody', {}, columns.map((one) => columnRow(one, rows)))),
    h('div', { class: 'imp-shares-side' }, sharesOf(t('js.import.quality.share.did'), did, rows), shares)));
}
