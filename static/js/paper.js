// Printing: a wall map of what is seen, of a subdistrict or of a selection, or an atlas; drawn by the server, fetched here.
/* global L */
import { API, call, get, newKey } from './api.js';
import { $, h, notice, put } from './dom.js';
import { page } from './page.js';
import { Frame, chartOf, fitting } from './paper-frame.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const KEPT = 'civmap.paper';
const EVERY = 700;
const AIR = { view: 0, area: 0.03, codes: 0.03 };

class Print {
  constructor(city) {
    Object.assign(this, { city, box: $('paper'), form: $('paper-form'), base: null, codes: null, areas: null, key: newKey() });
    this.frame = new Frame(city.map, () => { this.centre = this.frame.centre; this.tellGround(); });
    $('paper-open').addEventListener('click', () => (this.box.hidden ? this.open() : this.close()));
    $('paper-close').addEventListener('click', () => this.close());
    $('paper-recentre').addEventListener('click', () => this.take(city.map.getBounds()));
    this.form.addEventListener('change', (event) => this.changed(event.target));
    this.form.addEventListener('submit', (event) => { event.preventDefault(); this.order(); });
    this.box.addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); this.close(); } });
    document.addEventListener('paper', ({ detail }) => this.open(detail));
    const left = localStorage.getItem(KEPT);
    if (left) this.follow(Number(left));
  }

  field(name) { return this.form.elements[name]; }

  get what() { return this.field('what').value; }

  get full() { return Boolean(this.field('atlas').value) || this.included.includes('tables'); }

  get included() { return [...this.form.querySelectorAll('[name=include]:checked')].map((box) => box.value); }

  async open(selected = null) {
    this.codes = selected?.codes?.length ? selected : null;
    $('paper-codes').hidden = !this.codes;
    if (this.codes) $('paper-codes-told').textContent = t('js.paper.selected', { count: amount(this.codes.codes.length) });
    this.field('what').value = this.codes ? 'codes' : 'view';
    this.home ??= { centre: this.city.map.getCenter(), zoom: this.city.map.getZoom() };
    this.box.hidden = false;
    $('paper-open').setAttribute('aria-expanded', 'true');
    this.box.focus();
    await this.choose();
  }

  close() {
    this.box.hidden = true;
    this.frame.hide();
    $('paper-open').setAttribute('aria-expanded', 'false');
    if (this.home) this.city.map.setView(this.home.centre, this.home.zoom, { animate: false });
    this.home = null;
    $('paper-open').focus();
  }

  /** Take the ground that what was chosen stands for. */
  async choose() {
    $('paper-area-field').hidden = this.what !== 'area';
    $('paper-recentre').hidden = this.what !== 'view';
    if (this.what === 'area') await this.fillAreas();
    const bounds = this.what === 'area' ? this.areas?.get(this.field('area').value)?.bounds : this.what === 'codes' ? this.boundsOfCodes() : null;
    this.take(bounds ?? this.city.map.getBounds());
  }

  async fillAreas() {
    if (this.areas) return;
    this.areas = new Map();
    for (const kind of ['subdistrict', 'community']) {
      const { data } = await get(`/zones.geojson?kind=${kind}`);
      const group = h('optgroup', { label: page.zone_kinds.find((row) => row.code === kind)?.name ?? kind });
      for (const feature of data.features) {
        this.areas.set(feature.properties.code, { bounds: L.geoJSON(feature).getBounds() });
        group.append(h('option', { value: feature.properties.code }, feature.properties.name));
      }
      if (group.children.length) this.field('area').append(group);
    }
  }

  boundsOfCodes() {
    const bounds = L.latLngBounds([]);
    for (const code of this.codes.codes) {
      const drawn = this.city.layerOf(this.codes.kind)?.drawn?.get(String(code))?.layer;
      if (drawn) bounds.extend(drawn.getLatLng ? drawn.getLatLng() : drawn.getBounds());
    }
    return bounds.isValid() ? bounds : null;
  }

  take(bounds) {
    const [west, south, east, north] = page.bounds;
    const city = L.latLngBounds([south, west], [north, east]);
    this.base = city.intersects(bounds) ? L.latLngBounds([Math.max(south, bounds.getSouth()), Math.max(west, bounds.getWest())], [Math.min(north, bounds.getNorth()), Math.min(east, bounds.getEast())]) : bounds;
    this.centre = this.base.getCenter();
    this.redraw();
  }

  /** Show the frame for the sheet that is chosen, and all of it on the map beside the dialog. */
  redraw() {
    const chart = chartOf(this.field('size').value, this.field('orientation').value, this.full);
    this.scale = Number(this.field('scale').value) || fitting(this.base, chart, AIR[this.what]);
    this.frame.show(this.centre, chart, this.scale);
    const wide = this.city.map.getSize().x > 720;
    this.city.map.fitBounds(this.frame.bounds, { animate: false, paddingTopLeft: wide ? [this.box.offsetWidth + 30, 20] : [10, 10], paddingBottomRight: wide ? [20, 20] : [10, this.box.offsetHeight + 10] });
    this.tellGround();
  }

  tellGround() {
    const [width, height] = this.frame.chart.map((side) => (side * this.scale / 1e6).toLocaleString(page.lang, { maximumSignificantDigits: 2 }));
    $('paper-ground').textContent = t('js.paper.ground', { scale: amount(this.scale), width, height });
  }

  async changed(field) {
    this.key = newKey();
    if (['what', 'area'].includes(field.name)) await this.choose();
    else if (['size', 'orientation', 'scale', 'atlas', 'include'].includes(field.name)) this.redraw();
  }

  /** What is asked of the server: the very narrowing of the view. */
  wish() {
    const { state } = this.city;
    const may = page.may.export;
    const shown = this.city.layers.filter((layer) => layer.shown).map((layer) => layer.kind).filter((kind) => may.includes(kind));
    const layers = this.what === 'codes' && !shown.includes(this.codes.kind) ? [...shown, this.codes.kind] : shown;
    const view = Object.fromEntries([...new Set([...layers, 'issues'])].map((kind) => [kind, Object.fromEntries(Object.entries(state.narrowing(kind)).map(([name, value]) => [name, String(value)]))]));
    const scaled = this.city.layers.map((layer) => (layer.shown ? layer.scale?.now?.() : null)).find((scale) => scale?.mode === 'value');
    const { bounds } = this.frame;
    return {
      size: this.field('size').value, orientation: this.field('orientation').value, title: this.field('title').value.trim(), layers, view,
      bbox: this.what === 'area' ? null : [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      area: this.what === 'area' ? this.field('area').value : null, scale: this.what === 'area' && !this.field('scale').value ? null : this.scale,
      codes: this.what === 'codes' ? { [this.codes.kind]: this.codes.codes.map(String) } : {}, by: state.get('by') || 'status',
      breaks: (scaled?.breaks ?? []).filter((edge) => Number.isFinite(edge)).slice(0, 12), include: this.included, atlas: this.field('atlas').value || null,
    };
  }

  async order() {
    const wish = this.wish();
    if (!wish.layers.length) return this.say(notice('bad', t('js.paper.no_layers')));
    if (this.what === 'area' && !wish.area) return this.say(notice('bad', t('js.paper.choose_area')));
    this.showProgress({ state: 'queued', progress: 0 });
    try {
      const { data } = await call('POST', '/papers', { body: wish, key: this.key });
      localStorage.setItem(KEPT, String(data.id));
      return this.follow(data.id);
    } catch (error) {
      return this.showFailure(error.message);
    }
  }

  /** Ask how far a print is until it is done; also one that was ordered before the page was loaded again. */
  async follow(id) {
    this.following = id;
    while (this.following === id) {
      let told;
      try {
        told = (await get(`/papers/${id}`)).data;
      } catch (error) {
        if (error.status !== 0) { localStorage.removeItem(KEPT); this.following = null; if (error.status !== 404) this.showFailure(error.message); return; }
      }
      if (told?.state === 'done') { this.showDone(told); return; }
      if (told?.state === 'failed') { this.showFailure(told.problem); return; }
      if (told) this.showProgress(told);
      await new Promise((later) => { setTimeout(later, EVERY); });
    }
  }

  say(...parts) { put($('paper-said'), ...parts); }

  button(label, run, main = true) {
    return h('button', { type: 'button', class: `button ${main ? 'button-main' : ''}`, onclick: run }, label);
  }

  showProgress(told) {
    const words = t(`js.paper.state.${told.state}`, { progress: told.progress });
    const bar = $('paper-said').querySelector('progress');
    if (bar) {
      bar.value = told.progress;
      $('paper-said').querySelector('p').textContent = words;
    } else {
      this.say(h('p', { class: 'number' }, words), h('progress', { max: 100, value: told.progress, 'aria-label': words }));
    }
    $('paper-order').disabled = true;
  }

  showDone(told) {
    localStorage.removeItem(KEPT);
    this.following = null;
    this.again();
    const size = (told.bytes / 1e6).toLocaleString(page.lang, { maximumFractionDigits: 1 });
    const link = h('a', { class: 'button button-main', id: 'paper-download', href: `${API}/papers/${told.id}.pdf`, download: '' }, t('js.paper.download'));
    this.say(notice('good', t('js.paper.state.done', { sheets: amount(told.sheets), size })), h('div', { class: 'actions' }, link));
    if (this.box.hidden) toast(t('js.paper.ready'), { tone: 'good', keep: true, act: { label: t('js.paper.download'), run: () => location.assign(`${API}/papers/${told.id}.pdf`) } });
    else link.focus();
  }

  showFailure(sentence) {
    localStorage.removeItem(KEPT);
    this.following = null;
    this.again();
    this.say(notice('bad', h('strong', {}, t('js.paper.state.failed')), h('p', {}, sentence)), h('div', { class: 'actions' }, this.button(t('js.paper.retry'), () => this.order())));
  }

  again() {
    this.key = newKey();
    $('paper-order').disabled = false;
  }
}

/** Wire the print button and the wish to print a selection. */
export function wirePaper(city) {
  if ($('paper')) new Print(city);
}
