// Legend, layer switch and counts in one small table: what stands there adds up to what is drawn. Taps filter; a measure brings its classes.
import { $, h, put } from './dom.js';
import { layPatterns } from './fills.js';
import { fillMeasures, wireMeasures } from './legend-measures.js';
import { classesOf, measureOf } from './scales.js';
import { state } from './state.js';
import { STATUSES, placeSymbol, swatch } from './symbols.js';
import { amount, t } from './texts.js';

let scope = 'whole';
let kept = [];
let unfolded = false; // the counts by status, while a measure has its own

const cells = (row) => Object.fromEntries([...row.querySelectorAll('[data-cell]')].map((cell) => [cell.dataset.cell, cell]));
const waiting = () => h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') });

/** Return a layer's counts in the scope that is asked for, or in the one it knows; `part` says which. */
function countsOf(layer) {
  const own = layer.counts(scope);
  if (own) return { counts: own, part: scope };
  const knows = layer.tiled || !layer.scale.problem ? null : layer.counts('window');
  return { counts: knows, part: 'window' };
}

function fillRow(row, layer) {
  const by = cells(row);
  row.classList.toggle('off', !layer.shown);
  row.querySelector('input').checked = layer.shown;
  if (layer.shown && layer.state === 'failed') return failedRow(by, layer);
  by.none.colSpan = 1;
  const { counts, part } = layer.shown ? countsOf(layer) : {};
  const pressed = state.get('statuses');
  let total = 0;
  for (const status of STATUSES) {
    const isOut = pressed.length && !pressed.includes(status);
    by[status].hidden = false;
    by[status].classList.toggle('tapped-out', Boolean(isOut));
    put(by[status], h('span', {}, swatch(layer.kind, status), counts ? amount(counts[status]) : ''));
    if (!isOut) total += counts?.[status] ?? 0;
  }
  row.dataset.part = part ?? '';
  put(by.total, !layer.shown ? '—' : counts ? amount(total) : layer.tiled && layer.scale.problem ? retry(layer) : waiting());
  return null;
}

const retry = (layer) => h('button', { class: 'button button-small', type: 'button', onclick: () => { layer.scale.problem = null; layer.load(true); } }, t('js.retry'));

function failedRow(by, layer) {
  for (const status of STATUSES.slice(1)) by[status].hidden = true;
  by.none.colSpan = 4;
  const isOut = layer.problem?.status === 401;
  put(by.none, h('span', { class: 'status-overdue' }, isOut ? t('js.error.signed_out') : t('js.map.failed')));
  put(by.total, isOut ? h('a', { href: '/login' }, t('js.sign_in')) : retry(layer));
}

function brief(layers) {
  const points = layers.find((layer) => layer.kind === 'points');
  const lead = points.shown ? points : layers.find((layer) => layer.shown);
  if (!lead) return put($('legend-brief'));
  const { counts } = countsOf(lead);
  if (!counts) return put($('legend-brief'), lead.state === 'failed' ? h('span', { class: 'status-overdue' }, t('js.map.failed')) : waiting());
  return put($('legend-brief'), STATUSES.map((status) => h('span', { class: 'number' }, placeSymbol(status, 0, 13), amount(counts[status]))));
}

/** Say of what the numbers tell: of all that passes the filter, or of the window. */
function fillNote(layers) {
  const shown = layers.filter((layer) => layer.shown);
  const partial = scope === 'whole' ? shown.filter((layer) => document.querySelector(`#legend tr[data-kind="${layer.kind}"]`).dataset.part === 'window') : [];
  const said = scope === 'window' ? t('js.legend.of_window') : t('js.legend.of_whole');
  const but = partial.length ? t('js.legend.but_window', { layers: partial.map((layer) => t(`js.layers.${layer.kind}`)).join(t('js.legend.and')) }) : '';
  const measured = shown.some((layer) => measureOf(layer.kind));
  const whole = shown.some((layer) => layer.tiled && classesOf(layer.kind).length) ? t('js.legend.clusters_whole') : '';
  $('legend-note').textContent = [said, but, measured ? t('js.legend.halo') : '', whole].filter(Boolean).join(' ');
}

/** While a measure is shown the table of statuses is one line of switches, unless it is asked for or issues speak in statuses. */
function foldStatuses(layers) {
  const measuring = layers.some((layer) => layer.shown && measureOf(layer.kind));
  const speaks = layers.some((layer) => layer.shown && layer.kind === 'issues');
  $('legend').classList.toggle('measuring', measuring);
  $('legend').classList.toggle('folded', measuring && !speaks && !unfolded);
  $('legend-statuses').hidden = !measuring || speaks;
  $('legend-statuses').setAttribute('aria-expanded', String(unfolded));
}

/** Fill the legend from the layers as they stand. */
export function fillLegend(layers) {
  kept = layers;
  for (const layer of layers) fillRow(document.querySelector(`#legend tr[data-kind="${layer.kind}"]`), layer);
  const pressed = state.get('statuses');
  for (const button of document.querySelectorAll('#legend button[data-status]')) button.setAttribute('aria-pressed', String(pressed.includes(button.dataset.status)));
  fillMeasures(layers, scope);
  foldStatuses(layers);
  fillNote(layers);
  brief(layers);
}

function wireStatuses() {
  for (const button of document.querySelectorAll('#legend button[data-status]')) {
    button.addEventListener('click', () => {
      const { status } = button.dataset;
      const now = state.get('statuses');
      const next = now.includes(status) ? now.filter((each) => each !== status) : STATUSES.filter((each) => each === status || now.includes(each));
      state.set({ statuses: next.length === STATUSES.length ? [] : next });
    });
  }
}

function wireScope() {
  for (const button of document.querySelectorAll('#legend [data-scope]')) {
    button.addEventListener('click', () => {
      scope = button.dataset.scope;
      for (const each of document.querySelectorAll('#legend [data-scope]')) each.setAttribute('aria-pressed', String(each === button));
      for (const layer of kept) {
        layer.wantsWindow = scope === 'window';
        if (layer.shown && layer.wantsWindow) layer.askWindow();
      }
      fillLegend(kept);
    });
  }
}

function wireFold() {
  const fold = $('legend-fold');
  const setOpen = (open) => {
    fold.setAttribute('aria-expanded', String(open));
    $('legend-body').hidden = !open;
    document.body.classList.toggle('legend-tall', open);
  };
  fold.addEventListener('click', () => setOpen(fold.getAttribute('aria-expanded') !== 'true'));
  setOpen(!matchMedia('(max-width: 720px)').matches);
}

/** Wire the switches: `onLayer(kind, shown)`. */
export function wireLegend(onLayer) {
  for (const box of document.querySelectorAll('#legend input[data-layer]')) {
    box.addEventListener('change', () => onLayer(box.dataset.layer, box.checked));
  }
  document.addEventListener('themechange', () => { layPatterns(); if (kept.length) fillLegend(kept); });
  wireStatuses();
  wireScope();
  wireMeasures();
  $('legend-statuses').addEventListener('click', () => { unfolded = !unfolded; foldStatuses(kept); });
  wireFold();
}
