// The map beside the rows: points as marks on one canvas, lines and areas as shapes, a legend that counts.
/* global L */
import { layGround } from './basemap.js';
import { $, h, put } from './dom.js';
import { Dots } from './import-dots.js';
import { lookOf, markOf, outlineOf } from './import-looks.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const LOOKS = ['create', 'update', 'unchanged', 'warning', 'error'];

const placeOf = ({ geometry, properties }) => ({ ...properties, lon: geometry.coordinates[0], lat: geometry.coordinates[1] });

export class RowMap {
  constructor({ choose }) {
    this.map = window.civmap?.map;
    this.shapes = new Map();
    this.isEmpty = true;
    this.onChoose = choose;
    if (!this.map) return;
    layGround(this.map);
    L.control.zoom({ position: 'topright', zoomInTitle: t('js.import.zoom_in'), zoomOutTitle: t('js.import.zoom_out') }).addTo(this.map);
    const [west, south, east, north] = page.bounds;
    this.map.fitBounds([[south, west], [north, east]], { animate: false });
    new ResizeObserver(() => { this.map.invalidateSize({ animate: false }); if (this.isWaiting) this.fit(); }).observe(this.map.getContainer());
    this.areas = L.layerGroup().addTo(this.map);
    this.dots = new Dots((mark) => choose(mark.row)).addTo(this.map);
    this.map.on('mousemove', ({ containerPoint }) => this.hint(containerPoint));
    this.tip = L.tooltip({ direction: 'top', offset: [0, -8] });
  }

  draw(collection) {
    const features = (collection.features ?? []).filter((one) => one.geometry);
    this.isEmpty = !features.length;
    this.count(features, collection.total ?? features.length);
    if (!this.map) return;
    const points = features.filter((one) => one.geometry.type === 'Point');
    this.dots.setMarks(points.map(placeOf));
    this.areas.clearLayers();
    this.shapes.clear();
    for (const feature of features) if (feature.geometry.type !== 'Point') this.shape(feature);
    if (!this.isFitted && features.length) this.fit();
    this.map.getContainer().dataset.marks = String(features.length);
  }

  shape(feature) {
    const look = lookOf(feature.properties);
    const tone = `var(${outlineOf(look).tone})`;
    const layer = L.geoJSON(feature, { style: { color: tone, weight: look === 'error' ? 4 : 2.5, fillColor: tone, fillOpacity: 0.2, dashArray: { error: '2 6', warning: '8 5', unchanged: '1 4' }[look] ?? null } });
    layer.on('click', () => this.onChoose(feature.properties.row));
    layer.bindTooltip(feature.properties.name ?? '', { sticky: true });
    this.shapes.set(feature.properties.row, layer);
    this.areas.addLayer(layer);
  }

  fit() {
    const size = this.map.getSize();
    this.isWaiting = size.x < 20 || size.y < 20;
    if (this.isWaiting) return;
    const boxes = [this.dots.bounds(), ...[...this.shapes.values()].map((one) => one.getBounds())].filter((one) => one?.isValid());
    if (!boxes.length) return;
    const all = boxes.reduce((sum, one) => sum.extend(one), L.latLngBounds(boxes[0].getSouthWest(), boxes[0].getNorthEast()));
    this.map.fitBounds(all.pad(0.06), { maxZoom: 17, animate: false });
    this.isFitted = true;
  }

  choose(row, { fly }) {
    if (!this.map) return;
    const mark = this.dots.choose(row);
    const shape = this.shapes.get(row);
    if (shape) this.map.fitBounds(shape.getBounds(), { maxZoom: 17 });
    if (fly && mark && !this.map.getBounds().pad(-0.15).contains([mark.lat, mark.lon])) this.map.panTo([mark.lat, mark.lon], { animate: false });
    if (mark) this.tip.setLatLng([mark.lat, mark.lon]).setContent(this.words(mark)).addTo(this.map);
    else this.tip.remove();
  }

  words(mark) { return h('span', {}, h('b', {}, mark.name || t('js.import.row', { row: mark.row })), ' ', t(`js.import.did.${mark.did}`)); }

  hint(point) {
    const near = (this.dots.seen ?? []).find(([, at]) => point.distanceTo(at) < 9);
    this.map.getContainer().classList.toggle('is-over-mark', Boolean(near));
  }

  /** Say what the marks mean and how many there are. */
  count(features, total) {
    const counts = new Map();
    for (const { properties } of features) counts.set(lookOf(properties), (counts.get(lookOf(properties)) ?? 0) + 1);
    const isThinned = total > features.length;
    put($('imp-legend'), LOOKS.filter((look) => counts.get(look)).map((look) => h('li', {}, markOf(look), t(`js.import.look.${look}`), isThinned ? null : h('b', { class: 'number' }, amount(counts.get(look))))),
      isThinned ? h('li', { class: 'quiet' }, t('js.import.thinned', { shown: amount(features.length), total: amount(total) })) : null);
  }
}
