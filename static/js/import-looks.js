// How imports look wherever they are told: states, sizes, counts in words, progress, marks that differ without colour.
import { h, icon, s } from './dom.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

export const RUNNING = new Set(['reading', 'saving', 'undoing']);
export const SYSTEMS = ['wgs84', 'gcj02', 'bd09', 'cgcs2000'];
const TONES = { reading: 'open', ready: 'due_soon', saving: 'open', saved: 'none', failed: 'overdue', dropped: '', undoing: 'open', undone: '' };
const SIGNS = { ready: 'alert', saved: 'check', failed: 'close', undone: 'undo', dropped: 'retire' };
const MEGA = 1024 * 1024;

/** Return a chip with an icon or dot in a tone. */
export const chip = (words, tone = '') => h('span', { class: `chip ${tone ? `imp-chip-${tone}` : ''}` }, words);

/** Return the state of an import as a chip; one that only waits for its saving says so. */
export function stateChip(one) {
  const isClear = one.state === 'ready' && !one.counts?.problems;
  const sign = isClear ? 'check' : SIGNS[one.state];
  const words = isClear ? t('js.import.state.clear') : t(`js.import.state.${one.state}`);
  return chip([sign ? icon(sign) : h('span', { class: 'spinner', 'aria-hidden': 'true' }), words], isClear ? 'none' : TONES[one.state]);
}

/** Return a file's size as people say it. */
export function sizeOf(bytes) {
  if (bytes === null || bytes === undefined) return '';
  if (bytes < 1024) return t('js.import.bytes', { n: amount(bytes) });
  return bytes < MEGA ? t('js.import.kb', { n: amount(bytes / 1024) }) : t('js.import.mb', { n: amount(bytes / MEGA, 1) });
}

/** Return how many things of a kind, in words: 188 个点位. */
export const things = (kind, n) => t(`js.import.things.${page.kind_names?.[kind] ? kind : 'rows'}`, { n: amount(n ?? 0) });

/** Return the name of a kind of table. */
export const kindName = (kind) => page.kind_names?.[kind] ?? (kind === 'auto' ? '' : kind);

export const systemName = (system) => (SYSTEMS.includes(system) || system === 'auto' ? t(`js.import.system.${system}`) : system);

/** Return a bar of how far a work is, with its words. */
export function progressOf(progress, label) {
  const { phase_name: phase, done, total, fraction } = progress ?? {};
  const bar = h('progress', { max: 1, 'aria-label': label });
  if (fraction > 0) bar.value = fraction;
  const rows = total ? t('js.import.of_rows', { done: amount(done ?? 0), total: amount(total) }) : done ? t('js.import.rows_so_far', { done: amount(done) }) : '';
  return h('div', { class: 'imp-progress' }, bar, h('p', { class: 'quiet number' }, [phase, rows].filter(Boolean).join(' · ')));
}

const LOOKS = {
  create: { d: 'M7 1.5a5.5 5.5 0 1 0 .01 0z', tone: '--map-none' },
  update: { d: 'M2 2h10v10H2z', tone: '--map-open' },
  unchanged: { d: 'M7 3.5a3.5 3.5 0 1 0 .01 0z', tone: '--ink-faint', isHollow: true },
  warning: { d: 'M7 0 14 7 7 14 0 7z', tone: '--map-due-soon' },
  error: { d: 'M7 .5 14 13H0z', tone: '--map-overdue' },
};

/** Return by which look a row is told: its worst problem, else what it will do. */
export const lookOf = ({ did, severity }) => (severity === 'error' || did === 'refused' ? 'error' : severity === 'warning' ? 'warning' : LOOKS[did] ? did : 'create');

/** Return the outline of a look, in a box of 14, and the token of its colour. */
export const outlineOf = (look) => LOOKS[look];

/** Return a look as a small picture beside its word. */
export function markOf(look, words) {
  const { d, tone, isHollow } = LOOKS[look];
  return s('svg', { class: 'imp-mark', viewBox: '-1 -1 16 16', ...(words ? { role: 'img', 'aria-label': words } : { 'aria-hidden': 'true' }) },
    s('path', { d, style: `fill: ${isHollow ? 'none' : `var(${tone})`}; stroke: ${isHollow ? `var(${tone})` : 'var(--map-edge)'}; stroke-width: ${isHollow ? 2 : 1}` }));
}

/** Put the focus back on what had it before a part was drawn anew, found by its `data-key`; else on what now stands in its place. */
export function keepingFocus(box, draw) {
  const active = document.activeElement;
  const held = box.contains(active) ? active.closest('[data-key]') : null;
  const keys = () => [...box.querySelectorAll('[data-key]')];
  const at = held ? keys().indexOf(held) : -1;
  draw();
  if (!held || document.activeElement === active) return;
  const now = keys();
  (now.find((one) => one.dataset.key === held.dataset.key) ?? now[Math.min(at, now.length - 1)])?.focus({ preventScroll: true });
}
