// The second step: which coordinate system was found and why; sample rows on a map under each system at the touch of a choice.
/* global L */
import { layGround } from './basemap.js';
import { h, icon, notice, put } from './dom.js';
import { SYSTEMS, chip, keepingFocus, systemName } from './import-looks.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const NEAR_M = 60;
const MIDDLE = (values) => { const sorted = [...values].sort((a, b) => a - b); return sorted.length ? sorted[Math.floor(sorted.length / 2)] : null; };

const metresOf = (m) => (m === null || m === undefined ? '—' : m >= 1000 ? t('js.import.km', { n: amount(m / 1000, 1) }) : t('js.import.m', { n: amount(m) }));

/** Tell whether there is anything to say: tables without places have none. */
export const saysMuch = ({ crs }) => Boolean(crs && (crs.message || !crs.is_sure || crs.samples?.length || crs.shares?.length));

export const needsLook = ({ crs }) => Boolean(crs && !crs.is_sure);

export function sentence({ crs, wish }) {
  if (!crs) return '';
  const asked = wish?.crs && wish.crs !== 'auto' ? t('js.import.where.by_you', { name: systemName(wish.crs) }) : '';
  return asked || (crs.is_sure ? (crs.shares ?? []).map((one) => t('js.import.where.share', { name: systemName(one.system), n: amount(one.rows) })).join(t('js.comma')) || crs.message : t('js.import.where.in_doubt'));
}

/** Return per system how far the samples then lie from what they should lie beside, in the middle. */
function gaps(samples) {
  return Object.fromEntries(SYSTEMS.map((system) => [system, MIDDLE(samples.map((one) => one.near?.distance_m?.[system]).filter((m) => Number.isFinite(m)))]));
}

export class Where {
  constructor(box, mapBox, { wish }) {
    Object.assign(this, { box, mapBox, wish, seen: null, chosen: null });
  }

  /** Draw the step; `seen` is the system shown on the map, at first the one that was found or fits best. */
  draw(truth, isOff) {
    const { crs } = truth;
    this.truth = truth;
    this.isOff = isOff;
    this.samples = (crs?.samples ?? []).filter((one) => one.as);
    this.known = SYSTEMS.filter((system) => this.samples.some((one) => one.as[system]));
    this.gaps = gaps(this.samples);
    const asked = truth.wish?.crs ?? 'auto';
    const best = this.known.filter((system) => this.gaps[system] !== null).sort((a, b) => this.gaps[a] - this.gaps[b])[0];
    this.seen ??= asked !== 'auto' ? asked : SYSTEMS.includes(crs?.found) ? crs.found : best ?? 'wgs84';
    this.mapBox.hidden = !this.samples.length;
    keepingFocus(this.box, () => put(this.box, this.parts(crs, asked, best)));
    this.drawMap();
  }

  parts(crs, asked, best) {
    const why = crs.is_sure || asked !== 'auto' ? h('p', { class: 'imp-found' }, icon('check'), h('span', {}, crs.message)) : notice('care', h('p', {}, h('strong', {}, t('js.import.where.question'))), h('p', {}, crs.message));
    return [why, this.shares(crs), this.known.length || !crs.is_sure ? this.choices(asked, best) : null, this.table()];
  }

  shares(crs) {
    if ((crs.shares ?? []).length < 2) return null;
    return h('p', { class: 'imp-shares' }, crs.shares.map((one) => chip(t('js.import.where.share', { name: one.name || systemName(one.system), n: amount(one.rows) }))));
  }

  choices(asked, best) {
    const pick = (system) => { this.seen = system; this.draw(this.truth, this.isOff); };
    const one = (system) => h('li', {}, h('label', { class: 'imp-system' }, h('input', { type: 'radio', name: 'imp-system', value: system, checked: system === this.seen, 'data-key': `system:${system}`, onchange: () => pick(system) }),
      h('span', { class: 'imp-system-words' }, h('strong', {}, systemName(system)), h('span', { class: 'quiet' }, t(`js.import.system.${system}.words`))),
      h('span', { class: 'imp-system-gap' }, this.gaps[system] === null ? null : [h('b', { class: 'number' }, metresOf(this.gaps[system])), h('span', { class: 'quiet' }, system === best && this.gaps[system] <= NEAR_M ? t('js.import.where.best') : t('js.import.where.off'))])));
    const list = this.known.length ? this.known : SYSTEMS;
    const isNow = this.seen === asked;
    const use = h('button', { type: 'button', class: `button ${this.truth.crs.is_sure ? '' : 'button-main'}`, 'data-key': 'use', disabled: this.isOff || isNow, onclick: () => this.wish({ crs: this.seen }) }, isNow ? t('js.import.where.used', { name: systemName(this.seen) }) : t('js.import.where.use', { name: systemName(this.seen) }));
    const auto = asked === 'auto' ? null : h('button', { type: 'button', class: 'button button-plain', 'data-key': 'auto', disabled: this.isOff, onclick: () => { this.seen = null; this.wish({ crs: 'auto' }); } }, t('js.import.where.auto'));
    return h('fieldset', { class: 'imp-systems' }, h('legend', { class: 'label' }, t('js.import.where.legend')), h('ul', {}, list.map(one)), h('div', { class: 'actions' }, use, auto));
  }

  table() {
    const rows = this.samples.filter((one) => one.near);
    if (!rows.length) return null;
    const found = rows.slice(0, 12).map((one) => h('li', { class: one.row === this.chosen ? 'is-chosen' : null }, h('button', { type: 'button', 'data-key': `sample:${one.row}`, onclick: () => this.goTo(one) },
      h('span', {}, h('b', {}, one.name || t('js.import.row', { row: one.row })), h('span', { class: 'quiet' }, t('js.import.where.beside', { name: one.near.name }))), h('b', { class: `number ${one.near.distance_m?.[this.seen] <= NEAR_M ? 'is-near' : 'is-far'}` }, metresOf(one.near.distance_m?.[this.seen])))));
    return h('details', { class: 'more', open: this.isListOpen, ontoggle: ({ target }) => { this.isListOpen = target.open; } }, h('summary', { 'data-key': 'samples' }, icon('chevron'), t('js.import.where.samples', { n: amount(rows.length), name: systemName(this.seen) })), h('ul', { class: 'imp-samples' }, found));
  }

  goTo(one) {
    this.chosen = one.row;
    const [lon, lat] = one.as[this.seen] ?? [];
    if (this.map && Number.isFinite(lon)) this.map.setView([lat, lon], Math.max(this.map.getZoom(), 17));
    this.draw(this.truth, this.isOff);
  }

  /** The map is made when the step is first open: a hidden one has no size. */
  drawMap() {
    if (!this.samples.length || !this.mapBox.offsetParent) return;
    if (!this.map) {
      this.map = L.map(this.mapBox, { minZoom: 10, maxZoom: 20, zoomSnap: 0.5, zoomControl: false, keyboard: true });
      this.map.attributionControl.setPrefix(false);
      L.control.zoom({ position: 'topright', zoomInTitle: t('js.import.zoom_in'), zoomOutTitle: t('js.import.zoom_out') }).addTo(this.map);
      const [west, south, east, north] = page.bounds;
      this.map.fitBounds([[south, west], [north, east]], { animate: false });
      layGround(this.map);
      this.group = L.layerGroup().addTo(this.map);
      new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.mapBox);
    }
    this.group.clearLayers();
    const spots = [];
    for (const one of this.samples) {
      for (const other of this.known) if (other !== this.seen && one.as[other]) this.ghost(one.as[other]);
      const [lon, lat] = one.as[this.seen] ?? [];
      if (Number.isFinite(lon)) { this.spot(one, lat, lon); spots.push([lat, lon]); }
    }
    if (spots.length && this.fitted !== this.seen && !this.chosen) this.map.fitBounds(L.latLngBounds(spots).pad(0.12), { maxZoom: 17, animate: false });
    this.fitted = this.seen;
  }

  ghost([lon, lat]) {
    L.circleMarker([lat, lon], { radius: 3, weight: 1, color: 'var(--ink-faint)', fillOpacity: 0.25, interactive: false }).addTo(this.group);
  }

  spot(one, lat, lon) {
    const isNear = one.near?.distance_m?.[this.seen] <= NEAR_M;
    const tone = one.near ? (isNear ? 'var(--map-none)' : 'var(--map-overdue)') : 'var(--map-open)';
    const far = one.near ? `${one.near.name} ${metresOf(one.near.distance_m?.[this.seen])}` : '';
    L.circleMarker([lat, lon], { radius: one.row === this.chosen ? 11 : 7, weight: 2, color: 'var(--map-edge)', fillColor: tone, fillOpacity: 0.9, dashArray: isNear ? null : '3 2' })
      .bindTooltip(h('span', {}, h('b', {}, one.name), ' ', far), { direction: 'top' }).on('click', () => this.goTo(one)).addTo(this.group);
  }

  shown() { this.drawMap(); }
}

