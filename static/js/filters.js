// What of the city is wanted: type, kind, state, class and status; shown as chips that a tap takes away.
import { $, debounce, h, put } from './dom.js';
import { isOpenState, page, sortOf, titleOf } from './page.js';
import { STATUSES, placeSymbol } from './symbols.js';
import { t } from './texts.js';

// Grids, communities and subdistricts lie under everything: without a word to the contrary only the local zones are drawn.
const LOCAL = ['frontage', 'estate'];
const localInUse = (page.zone_kinds ?? []).some((row) => LOCAL.includes(row.code) && row.count !== 0);
const DEFAULTS = { type: '', kind: localInUse ? 'local' : '', state: 'open', class: '' };
export const wanted = { ...DEFAULTS, statuses: new Set(STATUSES) };

/** Tell whether a feature of a layer passes the filter. */
export function passes(layer, props) {
  if (!wanted.statuses.has(props.status ?? 'none')) return false;
  if (layer === 'points') return !wanted.type || props.type === wanted.type;
  if (layer === 'zones') return passesZone(props.kind);
  return layer !== 'issues' || passesIssue(props);
}

function passesZone(kind) {
  if (wanted.kind === 'local') return LOCAL.includes(kind);
  return !wanted.kind || kind === wanted.kind;
}

function passesIssue(props) {
  if (wanted.class && sortOf('issues', props) !== wanted.class) return false;
  if (!wanted.state || !props.state) return true;
  return wanted.state === 'open' ? isOpenState(props.state) : props.state === wanted.state;
}

function chips(form, onChange) {
  const set = Object.keys(DEFAULTS).filter((name) => wanted[name] !== DEFAULTS[name]);
  put($('chips'), set.map((name) => {
    const label = form.elements[name].selectedOptions[0].textContent;
    const away = () => { form.elements[name].value = DEFAULTS[name]; read(form); chips(form, onChange); onChange(); };
    return h('button', { onclick: away, 'aria-label': t('js.filter.remove', { name: label }) }, label);
  }));
  $('filter-count').hidden = !set.length;
  $('filter-count').textContent = set.length;
}

function read(form) {
  for (const name of Object.keys(DEFAULTS)) wanted[name] = form.elements[name].value;
}

/** Wire the filter form; `onChange(name)` is called after each change, with the field that was changed. */
export function wireFilters(onChange) {
  const form = $('filters');
  const show = (open) => {
    form.hidden = !open;
    $('filter-open').setAttribute('aria-expanded', String(open));
  };
  const changed = (event) => { read(form); chips(form, onChange); onChange(event?.target?.name); };
  $('filter-open').addEventListener('click', () => show(form.hidden));
  $('filter-close').addEventListener('click', () => show(false));
  form.addEventListener('change', changed);
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    for (const [name, value] of Object.entries(DEFAULTS)) form.elements[name].value = value;
    changed();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const [name, value] of Object.entries(DEFAULTS)) form.elements[name].value = value;
}

function hits(layers, text) {
  const found = [];
  const low = text.toLowerCase();
  for (const layer of layers) {
    for (const { properties } of layer.features) {
      const said = `${titleOf(properties)} ${properties.code ?? ''}`.toLowerCase();
      if (said.includes(low)) found.push({ layer, props: properties });
      if (found.length >= 12) return found;
    }
  }
  return found;
}

/** Wire the name search over what is loaded; `onPick(layer, props)`. */
export function wireFind(layers, onPick) {
  const box = $('find');
  const list = $('found');
  const close = () => { list.hidden = true; };
  const look = () => {
    const text = box.value.trim();
    if (!text) return close();
    const found = hits(layers, text);
    const line = ({ layer, props }) => h('li', {}, h('button', { onclick: () => { close(); onPick(layer, props); } },
      placeSymbol(props.status ?? 'none', 0, 14), h('span', {}, titleOf(props)), h('span', { class: 'quiet' }, t(`js.layer.${layer.kind}`))));
    put(list, found.length ? found.map(line) : h('li', { class: 'empty' }, t('js.find.nothing', { text })));
    list.hidden = false;
  };
  box.addEventListener('input', debounce(look, 120));
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { box.value = ''; close(); }
    if (event.key === 'ArrowDown') { event.preventDefault(); list.querySelector('button')?.focus(); }
    if (event.key === 'Enter') list.querySelector('button')?.click();
  });
  document.addEventListener('click', (event) => { if (!list.contains(event.target) && event.target !== box) close(); });
}

