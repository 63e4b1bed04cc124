// Before and after: two days on two maps that move as one, under a divider or side by side, with the difference in numbers.
/* global L */
import { Basemap } from './basemap.js';
import { $, h, put } from './dom.js';
import { DataLayer } from './layers.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const BACK = 30; // days between the two, unless told otherwise
const STEP = 2; // percent of the width for one press of an arrow
const signed = (value) => (value > 0 ? `+${amount(value)}` : value < 0 ? `−${amount(-value)}` : '±0');

class Compare {
  constructor(city, tools) {
    Object.assign(this, { city, tools, state: city.state, map: null, layers: [], at: 50, how: 'swipe', turn: 0, moving: false });
    this.stage = $('main');
  }

  start() {
    $('time-compare').addEventListener('click', () => this.toggle());
    $('compare-end').addEventListener('click', () => this.toggle());
    $('compare-how').addEventListener('click', () => { this.how = this.how === 'swipe' ? 'sides' : 'swipe'; this.lay(); });
    $('compare-and').addEventListener('change', ({ target }) => { if (target.value && target.value <= this.city.days.today) this.state.set({ and: target.value }); });
    $('compare-on').addEventListener('change', ({ target }) => { if (target.value && target.value <= this.city.days.today) this.state.set({ on: target.value }); });
    this.wireDivider();
    this.state.hear(['on', 'and'], () => this.show());
    this.state.hear(['layers'], () => this.follow());
    this.state.hear(['base'], () => this.ground?.use(this.base));
    this.state.hear(['filters'], () => this.count());
    document.addEventListener('live-changed', ({ detail }) => this.refresh(detail));
    this.show();
  }

  get isOn() { return Boolean(this.state.get('and')); }

  get base() { return this.state.get('base') || (page.grounds?.[0]?.id ?? ''); }

  toggle() {
    if (this.isOn) return this.state.set({ and: '', on: '' });
    const { today } = this.city.days;
    return this.state.set({ and: today, on: this.state.get('on') || this.tools.shifted(today, -BACK) });
  }

  show() {
    $('time-compare').setAttribute('aria-pressed', String(this.isOn));
    $('compare').hidden = !this.isOn;
    document.body.classList.toggle('is-compared', this.isOn);
    if (!this.isOn) return this.close();
    for (const name of ['on', 'and']) { $(`compare-${name}`).value = this.state.get(name) || this.city.days.today; $(`compare-${name}`).max = this.city.days.today; }
    if (!this.map) this.make();
    $('second').hidden = false;
    this.lay();
    this.follow();
    return this.count();
  }

  make() {
    const { map } = this.city;
    const second = this.map = L.map($('second-map'), { ...map.options, zoomControl: false, zoomAnimation: false, layers: [], center: map.getCenter(), zoom: map.getZoom() });
    for (const [name, level] of [['zones', 405], ['casings', 410], ['segments', 415]]) second.createPane(name).style.zIndex = level;
    const renderers = { zones: L.svg({ pane: 'zones', padding: 0.3 }), segments: L.svg({ pane: 'segments', padding: 0.3 }) };
    this.layers = this.city.layers.map(({ kind }) => this.layer(kind, renderers[kind]));
    this.ground = new Basemap(second);
    this.ground.use(this.base);
    map.on('move zoomend', () => this.follows(map, second));
    second.on('move zoomend', () => this.follows(second, map));
    second.on('moveend', () => this.layers.filter((layer) => layer.shown && layer.byWindow).forEach((layer) => layer.load()));
  }

  /** The same layer of the other day: only what it asks for differs. */
  layer(kind, renderer) {
    const { state, city } = this;
    const layer = new DataLayer(this.map, kind, renderer);
    const own = layer.narrowing.bind(layer);
    layer.narrowing = (withStatus) => {
      const asked = { ...own(withStatus), on: state.get('and') };
      if (asked.on === city.days.today) delete asked.on;
      return asked;
    };
    layer.addEventListener('choose', ({ detail }) => city.choose(city.layerOf(kind), detail.props));
    return layer;
  }

  follow() {
    if (!this.isOn || !this.map) return;
    for (const layer of this.layers) {
      const shown = this.state.get('layers').includes(layer.kind);
      const asked = JSON.stringify(layer.narrowing());
      if (layer.shown === shown && layer.asked === asked) continue;
      Object.assign(layer, { shown, asked });
      layer.draw(this.city.layerOf(layer.kind).passes);
      if (shown) layer.load(true);
    }
  }

  follows(leader, other) {
    if (!this.isOn || this.moving) return;
    this.moving = true;
    other.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    this.moving = false;
  }

  refresh({ changes, gone, reload }) {
    if (!this.isOn || this.state.get('and') !== this.city.days.today) return;
    for (const layer of this.layers.filter(({ shown }) => shown)) {
      const codes = [...changes, ...gone].filter(({ kind }) => kind === layer.kind).map(({ code }) => code);
      if (reload.includes(layer.kind)) layer.load(true);
      else if (codes.length) layer.refreshCodes(codes);
    }
    this.count();
  }

  close() {
    if (!this.map) return;
    $('second').hidden = true;
    this.stage.classList.remove('is-sides', 'is-swipe');
    for (const layer of this.layers) { Object.assign(layer, { shown: false, asked: '' }); layer.draw(); }
    this.city.map.invalidateSize({ animate: false });
  }

  /** Lay the two maps over or beside each other. */
  lay() {
    const sides = this.how === 'sides';
    this.stage.classList.toggle('is-sides', sides);
    this.stage.classList.toggle('is-swipe', !sides);
    $('compare-how').textContent = t(sides ? 'js.compare.swipe' : 'js.compare.sides');
    $('swipe').hidden = sides;
    const center = this.city.map.getCenter();
    this.moving = true;
    for (const map of [this.city.map, this.map]) { map.invalidateSize({ animate: false, pan: false }); map.setView(center, this.city.map.getZoom(), { animate: false }); }
    this.moving = false;
    this.divide(this.at);
  }

  divide(at) {
    this.at = Math.min(100, Math.max(0, at));
    this.stage.style.setProperty('--swipe', `${this.at}%`);
    const swipe = $('swipe');
    swipe.setAttribute('aria-valuenow', String(Math.round(this.at)));
    swipe.setAttribute('aria-valuetext', t('js.compare.value', { n: Math.round(this.at) }));
  }

  wireDivider() {
    const swipe = $('swipe');
    swipe.addEventListener('keydown', (event) => {
      const to = { ArrowLeft: this.at - STEP, ArrowDown: this.at - STEP, ArrowRight: this.at + STEP, ArrowUp: this.at + STEP, Home: 0, End: 100 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.divide(to);
    });
    swipe.addEventListener('pointerdown', (event) => { swipe.setPointerCapture(event.pointerId); event.preventDefault(); swipe.focus(); });
    swipe.addEventListener('pointermove', (event) => {
      if (!swipe.hasPointerCapture(event.pointerId)) return;
      const box = this.stage.getBoundingClientRect();
      this.divide(((event.clientX - box.left) / box.width) * 100);
    });
  }

  /** Tell the counts of both days and what lies between them. */
  async count() {
    if (!this.isOn) return;
    const mine = ++this.turn;
    const { days } = this.city;
    const [on, and] = [this.state.get('on') || days.today, this.state.get('and')];
    try {
      const [before, after] = await Promise.all([days.countsOf(on), days.countsOf(and)]);
      if (mine !== this.turn) return;
      this.card('before', before, on);
      this.card('after', after, and);
      put($('compare-difference'), this.change('open', after.open - before.open), this.change('overdue', after.overdue - before.overdue));
    } catch (error) {
      if (mine === this.turn) put($('compare-difference'), h('span', { class: 'status-overdue' }, error.message));
    }
  }

  change(name, value) {
    return h('span', { class: `compare-change ${value > 0 ? 'is-worse' : value < 0 ? 'is-better' : ''}` }, t(`js.time.${name}`), ' ', h('b', { class: 'number' }, signed(value)));
  }

  card(side, { open, overdue }, on) {
    put($(`compare-${side}`), h('strong', {}, on === this.city.days.today ? t('js.time.today') : this.tools.dayWords(on)),
      h('span', {}, t('js.time.open'), ' ', h('b', { class: 'number' }, amount(open))), h('span', {}, t('js.time.overdue'), ' ', h('b', { class: 'number' }, amount(overdue))));
  }
}

/** Wire the comparison of two days. */
export function wireCompare(city, tools) {
  city.compare = new Compare(city, tools);
  city.compare.start();
}
