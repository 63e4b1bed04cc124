// The legend's second half: by what the map is coloured, in which classes, and how many things fall into each.
import { $, h, put } from './dom.js';
import { palette } from './ramps.js';
import { BEYOND, classesOf, measureOf, measuresOf } from './scales.js';
import { state } from './state.js';
import { classSwatch } from './symbols.js';
import { amount, t } from './texts.js';

const ORDER = ['status', 'open', 'overdue_share', 'rectification_rate', 'last_visit', 'open_per_km', 'open_per_point'];
const HOW = ['quantile', 'equal', 'fixed'];
const WHOLE = new Set(['open', 'last_visit']);
const number = (value) => amount(value, 1);

/** Write a class's range: `3–5` for whole numbers, `12.5–30` with a unit for the rest. */
export function rangeText(from, to, isLast, by) {
  if (isLast && to >= BEYOND) return `≥${number(from)}`;
  if (WHOLE.has(by) && Number.isInteger(from) && Number.isInteger(to)) {
    const top = isLast ? to : to - 1;
    return from >= top ? number(from) : `${number(from)}–${number(top)}`;
  }
  return from >= to ? number(from) : `${number(from)}–${number(to)}`;
}

function classCounts(layer, scope, told) {
  const { breaks } = told;
  if (!layer.tiled && (scope === 'window' || !layer.byWindow)) return layer.carrier.classCounts(scope, breaks);
  const part = layer.scale[scope];
  return part?.by === told.by ? [...part.classes.map((each) => each.count), part.no_value] : null;
}

function classButton(layer, index, told, counts, colours) {
  const step = layer.scale.now().steps[index];
  const key = `${layer.kind}:${index}`;
  const tapped = state.get('classes') ?? [];
  const eachItsOwn = told.how === 'quantile' && told.breaks.at(-1) === told.breaks.at(-2); // so few values that each is a class
  const range = rangeText(told.breaks[index], told.breaks[eachItsOwn ? index : index + 1], index === told.breaks.length - 2, told.by);
  const toggle = () => state.set({ classes: tapped.includes(key) ? tapped.filter((each) => each !== key) : [...tapped, key] });
  const own = classesOf(layer.kind);
  return h('li', {}, h('button', { type: 'button', class: own.length && !own.includes(index) ? 'tapped-out' : null, 'data-class': key, 'aria-pressed': String(tapped.includes(key)), title: t('js.legend.tap_class'), onclick: toggle },
    classSwatch(layer.kind, step, colours.ramp[step]), h('span', { class: 'class-range number' }, range), h('span', { class: 'class-count number' }, counts ? amount(counts[index]) : '…')));
}

const noValue = (counts) => (counts?.at(-1) ? h('span', { class: 'no-value quiet', title: t('js.legend.no_value_hint') }, t('js.legend.no_value'), h('b', { class: 'number' }, amount(counts.at(-1)))) : null);

function classesBlock(layer, scope, colours) {
  const head = h('strong', { class: 'classes-head' }, t(`js.layers.${layer.kind}`));
  const told = layer.scale.whole?.by === measureOf(layer.kind) ? layer.scale.whole : null;
  if (!told) {
    const again = h('button', { class: 'button button-small', type: 'button', onclick: () => { layer.scale.problem = null; layer.askScale(); } }, t('js.retry'));
    return h('div', { class: 'classes' }, head, layer.scale.problem ? h('p', { class: 'quiet' }, layer.scale.problem.message, ' ', again) : h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') }));
  }
  const counts = classCounts(layer, scope, told);
  if (told.breaks.length < 2) return h('div', { class: 'classes' }, head, h('p', { class: 'quiet' }, t('js.legend.nothing')));
  const buttons = told.breaks.slice(1).map((edge, index) => classButton(layer, index, told, counts, colours));
  return h('div', { class: 'classes', 'data-kind': layer.kind }, head, h('ul', { class: 'class-list', role: 'group', 'aria-label': t(`js.layers.${layer.kind}`) }, buttons), noValue(counts));
}

function fillChoices(layers) {
  const possible = new Set(layers.filter((layer) => layer.shown).flatMap((layer) => measuresOf(layer.kind)));
  const by = state.get('by') || 'status';
  const wanted = ORDER.filter((each) => possible.has(each) || each === 'status' || each === by);
  const box = $('legend-by');
  if ([...box.options].map((each) => each.value).join() !== wanted.join()) put(box, wanted.map((each) => h('option', { value: each }, each === 'status' ? t('js.by.status') : t('js.legend.measure', { name: t(`js.by.${each}`), unit: t(`js.unit.${each}`) }))));
  box.value = by;
  $('legend-how').value = state.get('how') || 'quantile';
  $('legend-how-field').hidden = by === 'status';
}

/** The limits that a person may set: the inner ones; lowest and highest come from the data. */
function fillLimits(layers) {
  const isFixed = (state.get('by') || 'status') !== 'status' && state.get('how') === 'fixed';
  const form = $('legend-limits');
  form.hidden = !isFixed;
  if (!isFixed || form.contains(document.activeElement)) return;
  const known = layers.find((layer) => layer.shown && measureOf(layer.kind) && layer.scale.whole?.breaks)?.scale.whole.breaks.slice(1, -1) ?? [];
  form.elements.limits.value = (state.get('breaks') || known.join(',')).split(',').join(' ');
}

/** Fill the second half from the layers as they stand. */
export function fillMeasures(layers, scope) {
  fillChoices(layers);
  fillLimits(layers);
  const measured = layers.filter((layer) => layer.shown && measureOf(layer.kind));
  const colours = measured.length ? palette() : null;
  const focused = document.activeElement?.dataset?.class;
  put($('legend-measures'), measured.map((layer) => classesBlock(layer, scope, colours)));
  if (focused) document.querySelector(`#legend [data-class="${CSS.escape(focused)}"]`)?.focus();
}

/** Wire what is coloured by, how classes are made, and the limits. */
export function wireMeasures() {
  put($('legend-how'), HOW.map((each) => h('option', { value: each }, t(`js.how.${each}`))));
  $('legend-by').addEventListener('change', (event) => state.set({ by: event.target.value, classes: [], breaks: '', how: state.get('how') === 'fixed' ? '' : state.get('how') }));
  $('legend-how').addEventListener('change', (event) => state.set({ how: event.target.value === 'quantile' ? '' : event.target.value, classes: [], breaks: '' }));
  const form = $('legend-limits');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const limits = form.elements.limits.value.split(/[\s,，;；、]+/).filter(Boolean).map(Number);
    const fine = limits.length > 0 && limits.length <= 4 && limits.every(Number.isFinite) && limits.every((each, index) => !index || each > limits[index - 1]);
    form.elements.limits.setAttribute('aria-invalid', String(!fine));
    $('legend-limits-said').textContent = fine ? '' : t('js.legend.limits_wrong');
    if (fine) { form.elements.limits.blur(); state.set({ breaks: limits.join(), classes: [] }); }
  });
}

