// The frame of a sheet on the map: which ground will be printed at which scale; its handle drags it elsewhere.
/* global L */
import { icon } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const LEAST = 200;
const AIR = 0.03;
const metresPerLon = (lat) => 111320 * Math.cos((lat * Math.PI) / 180);
const METRES_PER_LAT = 110900;

/** Return the next round scale number that is not smaller, as the server takes it. */
export function niceScale(needed) {
  const wanted = Math.max(needed, LEAST);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [...page.paper.steps, 10].find((each) => each * power >= wanted * (1 - 1e-9));
  return Math.round(step * power);
}

/** Return width and height of the map on a sheet, in millimetres. */
export const chartOf = (size, orientation, full) => page.paper.charts[`${size}-${orientation}`][full ? 0 : 1];

/** Return the scale at which a piece of ground fits. */
export function fitting(bounds, [width, height], air = 0) {
  const middle = bounds.getCenter();
  const room = 1 - 2 * air;
  const wide = (bounds.getEast() - bounds.getWest()) * metresPerLon(middle.lat);
  const high = (bounds.getNorth() - bounds.getSouth()) * METRES_PER_LAT;
  return niceScale(Math.max(wide * 1000 / (width * room), high * 1000 / (height * room)));
}

/** Return the ground that a sheet shows around a place. */
export function groundOf(centre, [width, height], scale) {
  const lon = width * scale / 2000 / metresPerLon(centre.lat);
  const lat = height * scale / 2000 / METRES_PER_LAT;
  return L.latLngBounds([centre.lat - lat, centre.lng - lon], [centre.lat + lat, centre.lng + lon]);
}

/** The frame and its handle; `moved` hears that somebody has dragged it. */
export class Frame {
  constructor(map, moved) {
    this.map = map;
    this.box = L.rectangle([[0, 0], [0, 0]], { className: 'paper-frame', color: '#073f4c', weight: 3, dashArray: '10 6', fillOpacity: 0.05, interactive: false });
    const sign = document.createElement('div');
    sign.append(icon('expand'));
    this.handle = L.marker([0, 0], { draggable: true, autoPan: true, zIndexOffset: 5000, title: t('js.paper.frame'), alt: t('js.paper.frame'),
      icon: L.divIcon({ className: 'paper-handle', iconSize: [44, 44], html: sign }) });
    this.handle.on('drag', () => { this.centre = this.handle.getLatLng(); this.draw(); });
    this.handle.on('dragend', moved);
  }

  /** Show what a sheet would print around a place. */
  show(centre, chart, scale) {
    Object.assign(this, { centre, chart, scale });
    this.draw();
    this.box.addTo(this.map);
    this.handle.setLatLng(centre).addTo(this.map);
  }

  draw() {
    this.bounds = groundOf(this.centre, this.chart, this.scale);
    this.box.setBounds(this.bounds);
  }

  hide() {
    this.box.remove();
    this.handle.remove();
  }

  fit(chart, air = AIR) { return fitting(this.bounds, chart, air); }
}
