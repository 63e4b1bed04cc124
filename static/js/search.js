// Finding anything: the box on the map asks the server as one types; a result is flown to and opened.
/* global L */
import { get, query } from './api.js';
import { $, debounce, h, icon, put } from './dom.js';
import { addressRows, addressesOf, drawPlace } from './places.js';
import { state } from './state.js';
import { placeSymbol } from './symbols.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const KINDS = ['places', 'streets', 'points', 'units', 'segments', 'zones', 'issues'];
const KEY = 'civmap.searches';
const MOST_RECENT = 6;
const PAUSE_MS = 140;
const NEAR = 17.5;

function recent() {
  try { return JSON.parse(localStorage.getItem(KEY) ?? '[]').filter((text) => typeof text === 'string').slice(0, MOST_RECENT); } catch { return []; }
}

function remember(text) {
  try { localStorage.setItem(KEY, JSON.stringify([text, ...recent().filter((each) => each !== text)].slice(0, MOST_RECENT))); } catch { /* a private window keeps nothing */ }
}

function forget() {
  try { localStorage.removeItem(KEY); } catch { /* as above */ }
}

/** The box and its list: an editable combobox whose choices are grouped by kind. */
class Search {
  constructor(city) {
    Object.assign(this, { city, box: $('find'), list: $('found'), say: $('find-said'), options: [], at: -1, asked: 0, text: '' });
    const { box, list } = this;
    box.addEventListener('input', debounce(() => this.look(), PAUSE_MS));
    box.addEventListener('focus', () => { if (!box.value.trim()) this.showRecent(); else if (list.hidden) this.look(); });
    box.addEventListener('keydown', (event) => this.key(event));
    list.addEventListener('mousedown', (event) => event.preventDefault()); // the box keeps the focus
    document.addEventListener('click', ({ target }) => { if (!list.contains(target) && target !== box) this.close(); });
  }

  open() {
    this.list.hidden = false;
    this.box.setAttribute('aria-expanded', 'true');
  }

  close() {
    this.list.hidden = true;
    this.box.setAttribute('aria-expanded', 'false');
    this.mark(-1);
  }

  async look() {
    const text = this.box.value.trim();
    const turn = ++this.asked;
    this.text = text;
    if (!text) return this.showRecent();
    try {
      const { lng: lon, lat } = this.city.map.getCenter();
      const [{ data }, places] = await Promise.all([get(`/search${query({ q: text, limit: 20 })}`), addressesOf(text, { lon, lat })]);
      if (turn === this.asked) this.show(text, [...addressRows(places, data.results), ...data.results]);
    } catch (error) {
      if (turn === this.asked) this.fail(error);
    }
    return null;
  }

  show(text, results) {
    this.options = [];
    if (!results.length) return this.nothing(text);
    const groups = KINDS.filter((kind) => results.some((row) => row.kind === kind))
      .sort((one, other) => results.findIndex((row) => row.kind === one) - results.findIndex((row) => row.kind === other));
    put(this.list, groups.map((kind) => this.group(kind, results.filter((row) => row.kind === kind))));
    this.say.textContent = t('js.search.count', { count: amount(results.length) });
    this.open();
    this.mark(-1);
    return null;
  }

  group(kind, rows) {
    const label = `found-${kind}`;
    return h('div', { role: 'group', 'aria-labelledby': label, class: 'found-group' },
      h('p', { class: 'found-kind', id: label }, t(kind === 'places' ? 'js.places.kind' : `js.search.kind.${kind}`)), rows.map((row) => this.option(row)));
  }

  option(row) {
    return this.add(h('div', { class: 'found-row', role: 'option', 'aria-selected': 'false', onclick: () => this.pick(row) },
      row.kind === 'places' ? icon('locate') : placeSymbol(row.status ?? 'none', 0, 14), h('span', { class: 'found-words' }, h('span', { class: 'found-name' }, row.name), h('span', { class: 'quiet' }, this.under(row))),
      row.open_issues > 0 && row.kind !== 'issues' ? h('span', { class: 'found-open number' }, t('js.search.open', { count: amount(row.open_issues) })) : null));
  }

  under(row) { return [row.code !== row.name && row.kind !== 'streets' ? row.code : '', row.detail].filter(Boolean).join(' · '); }

  add(element) {
    element.id = `found-${this.options.length}`;
    this.options.push(element);
    return element;
  }

  nothing(text) {
    const filter = this.add(h('div', { class: 'found-row found-act', role: 'option', 'aria-selected': 'false', onclick: () => { this.close(); state.setFilter('q', text); } }, t('js.search.filter_instead')));
    const clear = this.add(h('div', { class: 'found-row found-act', role: 'option', 'aria-selected': 'false', onclick: () => this.clear() }, t('js.search.clear')));
    put(this.list, h('div', { class: 'found-nothing', role: 'presentation' }, h('p', {}, t('js.search.nothing', { text })), h('p', { class: 'quiet' }, t('js.search.nothing_hint'))), filter, clear);
    this.say.textContent = t('js.search.nothing', { text });
    this.open();
  }

  fail(error) {
    this.options = [];
    const again = this.add(h('div', { class: 'found-row found-act', role: 'option', 'aria-selected': 'false', onclick: () => this.look() }, t('js.search.again')));
    put(this.list, h('div', { class: 'found-nothing', role: 'presentation' }, h('p', {}, t('js.search.failed')), h('p', { class: 'quiet' }, error.message ?? '')), again);
    this.say.textContent = t('js.search.failed');
    this.open();
  }

  showRecent() {
    this.options = [];
    const texts = recent();
    if (!texts.length) return this.close();
    const rows = texts.map((text) => this.add(h('div', { class: 'found-row', role: 'option', 'aria-selected': 'false', onclick: () => { this.box.value = text; this.look(); } }, text)));
    const away = this.add(h('div', { class: 'found-row found-act', role: 'option', 'aria-selected': 'false', onclick: () => { forget(); this.close(); } }, t('js.search.forget')));
    put(this.list, h('p', { class: 'found-kind', role: 'presentation' }, t('js.search.recent')), rows, away);
    return this.open();
  }

  clear() {
    this.box.value = '';
    this.asked += 1;
    this.close();
    this.box.focus();
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return; // an input method is still at work: its keys are its own
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.look();
      else this.mark((this.at + step + this.options.length) % this.options.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.enter();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (this.list.hidden) this.clear();
      else this.close();
    } else if (event.key === 'Tab') this.close();
  }

  /** Take the marked result; without one the best, asked for first where the words are newer than the list. */
  async enter() {
    if (this.at < 0 && (this.list.hidden || this.box.value.trim() !== this.text)) await this.look();
    if (!this.list.hidden) this.options[Math.max(this.at, 0)]?.click();
  }

  mark(at) {
    this.options[this.at]?.setAttribute('aria-selected', 'false');
    this.at = at;
    const chosen = this.options[at];
    if (chosen) {
      chosen.setAttribute('aria-selected', 'true');
      chosen.scrollIntoView({ block: 'nearest' });
      this.box.setAttribute('aria-activedescendant', chosen.id);
    } else this.box.removeAttribute('aria-activedescendant');
  }

  pick(row) {
    remember(this.text);
    this.box.value = row.name;
    this.close();
    this.fly(row);
    this.trace?.remove();
    if (row.kind === 'places') this.trace = drawPlace(this.city.map, row);
    else if (row.kind === 'streets') this.showStreet(row.name);
    else this.reach(row).catch((error) => toast(error.message, { tone: 'bad' }));
    if (matchMedia('(pointer: coarse)').matches) this.box.blur();
  }

  /** Draw a street along its segments until something else is looked for or opened. */
  async showStreet(street) {
    const { map, layerOf, switchLayer } = this.city;
    if (!layerOf('segments').shown) switchLayer('segments', true);
    const { data } = await get(`/segments.geojson${query({ street })}`);
    this.trace = L.geoJSON(data, { interactive: false, style: { className: 'found-street', weight: 11, opacity: 0.45 } }).addTo(map);
    map.once('click', () => this.trace?.remove());
  }

  fly({ lon, lat, bbox }) {
    const { map } = this.city;
    if (bbox) map.flyToBounds([[bbox[1], bbox[0]], [bbox[3], bbox[2]]], { maxZoom: NEAR, duration: 0.6, padding: [60, 60], animate: this.moves });
    else if (lon !== null) map.flyTo([lat, lon], Math.max(map.getZoom(), NEAR), { duration: 0.6, animate: this.moves });
  }

  get moves() { return !matchMedia('(prefers-reduced-motion: reduce)').matches; }

  /** Open the panel of a result and bring its layer to light. */
  async reach(row) {
    const { city } = this;
    const layer = city.layerOf(row.kind);
    if (!layer.shown) await city.switchLayer(row.kind, true);
    const drawn = layer.find(row.code);
    if (!drawn && row.lon !== null) this.ring(row);
    city.choose(layer, drawn ?? { code: row.code, name: row.name });
  }

  /** Mark the place of what a filter or a zoom keeps off the map, as long as its panel is open. */
  ring({ lon, lat }) {
    const ring = L.circleMarker([lat, lon], { radius: 18, weight: 3, fillOpacity: 0.1, interactive: false, className: 'found-ring' }).addTo(this.city.map);
    document.addEventListener('panel-closed', () => ring.remove(), { once: true });
  }
}

/** Wire the search box of the map. */
export function wireSearch(city) {
  return new Search(city);
}
