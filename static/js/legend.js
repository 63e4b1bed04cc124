// Legend, layer switch and counts in one small table: what stands there adds up to what is drawn.
import { $, h, put } from './dom.js';
import { STATUSES, placeSymbol, swatch } from './symbols.js';
import { amount, t } from './texts.js';

const cells = (row) => Object.fromEntries([...row.querySelectorAll('[data-cell]')].map((cell) => [cell.dataset.cell, cell]));

function fillRow(row, layer) {
  const by = cells(row);
  row.classList.toggle('off', !layer.shown);
  row.querySelector('input').checked = layer.shown;
  if (layer.shown && layer.state === 'failed') return failedRow(by, layer);
  by.none.colSpan = 1;
  const counts = layer.shown && layer.state !== 'idle' ? layer.counts() : null;
  let total = 0;
  for (const status of STATUSES) {
    by[status].hidden = false;
    put(by[status], h('span', {}, swatch(layer.kind, status), counts ? amount(counts[status]) : ''));
    total += counts?.[status] ?? 0;
  }
  put(by.total, layer.shown && layer.state === 'loading' && !total ? h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') }) : counts ? amount(total) : '—');
}

function failedRow(by, layer) {
  for (const status of STATUSES.slice(1)) by[status].hidden = true;
  by.none.colSpan = 4;
  put(by.none, h('span', { class: 'status-overdue' }, layer.problem.status === 401 ? t('js.error.signed_out') : t('js.map.failed')));
  const again = h('button', { class: 'button button-small', onclick: () => layer.load(true) }, t('js.retry'));
  put(by.total, layer.problem.status === 401 ? h('a', { href: '/login' }, t('js.sign_in')) : again);
}

function brief(layers) {
  const points = layers.find((layer) => layer.kind === 'points');
  const lead = points.shown ? points : layers.find((layer) => layer.shown);
  if (!lead) return put($('legend-brief'));
  const counts = lead.counts();
  put($('legend-brief'), STATUSES.map((status) => h('span', { class: 'number' }, placeSymbol(status, 0, 13), amount(counts[status]))));
}

/** Fill the legend from the layers as they stand. */
export function fillLegend(layers) {
  for (const layer of layers) fillRow(document.querySelector(`#legend tr[data-kind="${layer.kind}"]`), layer);
  $('legend-note').hidden = !layers.some((layer) => layer.shown && layer.byWindow);
  brief(layers);
}

/** Wire the switches: `onLayer(kind, shown)`, `onStatus(status, wanted)`. */
export function wireLegend(onLayer, onStatus) {
  for (const box of document.querySelectorAll('#legend input[data-layer]')) {
    box.addEventListener('change', () => onLayer(box.dataset.layer, box.checked));
  }
  for (const button of document.querySelectorAll('#legend button[data-status]')) {
    button.addEventListener('click', () => {
      const wanted = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(wanted));
      onStatus(button.dataset.status, wanted);
    });
  }
  const fold = $('legend-fold');
  const setOpen = (open) => {
    fold.setAttribute('aria-expanded', String(open));
    $('legend-body').hidden = !open;
    document.body.classList.toggle('legend-tall', open);
  };
  fold.addEventListener('click', () => setOpen(fold.getAttribute('aria-expanded') !== 'true'));
  setOpen(!matchMedia('(max-width: 720px)').matches);
}
