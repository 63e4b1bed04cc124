// Thousands of rows as marks on one canvas: shape and colour say what a row will do, the chosen one has a ring.
/* global L */
import { lookOf, outlineOf } from './import-looks.js';

const BOX = 14;
const NEAR = 16; // pixels from a mark that still mean it
const FINE = 1500; // above so many marks in view they are drawn smaller
const ORDER = { unchanged: 0, create: 1, update: 2, warning: 3, error: 4 };

const colourOf = (token) => getComputedStyle(document.documentElement).getPropertyValue(token).trim();

export const Dots = L.Layer.extend({
  initialize(onChoose) {
    Object.assign(this, { onChoose, marks: [], chosen: null, paths: new Map() });
  },

  onAdd(map) {
    this.map = map;
    this.canvas = L.DomUtil.create('canvas', 'imp-dots leaflet-zoom-hide', map.getPanes().overlayPane);
    map.on('moveend zoomend resize viewreset', this.paint, this);
    map.on('click', this.clicked, this);
    this.repaint = () => { this.paths.clear(); this.paint(); };
    document.addEventListener('themechange', this.repaint);
    this.paint();
  },

  onRemove(map) {
    this.canvas.remove();
    map.off('moveend zoomend resize viewreset', this.paint, this).off('click', this.clicked, this);
    document.removeEventListener('themechange', this.repaint);
  },

  /** Take marks: `[{row, lat, lon, did, severity, name}]`; what needs a look is drawn last. */
  setMarks(marks) {
    this.marks = marks.map((one) => ({ ...one, look: lookOf(one) })).sort((a, b) => ORDER[a.look] - ORDER[b.look]);
    if (this.map) this.paint();
  },

  choose(row) {
    this.chosen = row;
    if (this.map) this.paint();
    return this.marks.find((one) => one.row === row);
  },

  bounds() {
    return this.marks.length ? L.latLngBounds(this.marks.map((one) => [one.lat, one.lon])) : null;
  },

  look(name) {
    if (!this.paths.has(name)) {
      const { d, tone, isHollow } = outlineOf(name);
      this.paths.set(name, { path: new Path2D(d), fill: isHollow ? null : colourOf(tone), line: isHollow ? colourOf(tone) : colourOf('--map-edge'), width: isHollow ? 2.5 : 1.2 });
    }
    return this.paths.get(name);
  },

  paint() {
    const size = this.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    const corner = this.map.containerPointToLayerPoint([0, 0]);
    L.DomUtil.setPosition(this.canvas, corner);
    Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    const pen = this.canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const seen = [];
    for (const mark of this.marks) {
      const at = this.map.latLngToContainerPoint([mark.lat, mark.lon]);
      if (at.x > -BOX && at.y > -BOX && at.x < size.x + BOX && at.y < size.y + BOX) seen.push([mark, at]);
    }
    const scale = seen.length > FINE ? 0.6 : 1;
    for (const [mark, at] of seen) this.mark(pen, mark, at, mark.row === this.chosen ? 1.5 : scale);
    this.seen = seen;
  },

  mark(pen, mark, at, scale) {
    const { path, fill, line, width } = this.look(mark.look);
    pen.save();
    pen.translate(at.x - (BOX / 2) * scale, at.y - (BOX / 2) * scale);
    pen.scale(scale, scale);
    if (fill) { pen.fillStyle = fill; pen.fill(path); }
    pen.lineWidth = width;
    pen.strokeStyle = line;
    pen.stroke(path);
    pen.restore();
    if (mark.row !== this.chosen) return;
    pen.beginPath();
    pen.arc(at.x, at.y, BOX * 1.25, 0, 2 * Math.PI);
    pen.lineWidth = 3;
    pen.strokeStyle = colourOf('--map-chosen');
    pen.stroke();
  },

  clicked({ containerPoint }) {
    let best = null;
    for (const [mark, at] of this.seen ?? []) {
      const far = containerPoint.distanceTo(at);
      if (far <= NEAR && (!best || far <= best.far)) best = { mark, far };
    }
    if (best) this.onChoose(best.mark);
  },
});
