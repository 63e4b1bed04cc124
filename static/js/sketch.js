// What is being drawn: one area or one line as corners, changed step by step; each change keeps what was before, so it can be taken back.
import { area, faults, lengthOf, ringArea, stored } from './shapes.js';

const LEAST_M2 = 0.5;
const same = (a, b) => a && b && a[0] === b[0] && a[1] === b[1];

/** A sketch's value: `form` area or line, `rings` of {part, spots} (no corner twice), `done` when nothing is missing. */
export const blank = (form) => ({ form, rings: [], done: false });

/** Take a geometry as a value that is done. */
export function valueOf(geometry) {
  if (geometry.type === 'LineString') return { form: 'line', rings: [{ part: 0, spots: geometry.coordinates.map(stored) }], done: true };
  const polygons = geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
  const rings = polygons.flatMap((all, part) => all.map((ring) => ({ part, spots: ring.slice(0, same(ring[0], ring.at(-1)) ? -1 : undefined).map(stored) })));
  return { form: 'area', rings, done: true };
}

/** A value as GeoJSON; null while something is missing. */
export function geometryOf(value) {
  if (!value?.done || !value.rings.length) return null;
  if (value.form === 'line') return { type: 'LineString', coordinates: value.rings[0].spots };
  const polygons = [];
  for (const { part, spots } of value.rings) (polygons[part] ??= []).push([...spots, spots[0]]);
  const whole = polygons.filter(Boolean);
  return whole.length === 1 ? { type: 'Polygon', coordinates: whole[0] } : { type: 'MultiPolygon', coordinates: whole };
}

/** What is known of a value: metres, square metres, where it is wrong and in which words. */
export function factsOf(value) {
  const closed = value.form === 'area';
  const corners = value.rings.reduce((sum, ring) => sum + ring.spots.length, 0);
  const places = value.rings.flatMap((ring) => faults(ring.spots, closed && value.done));
  const geometry = geometryOf(value);
  const m2 = closed && corners > 2 ? (geometry ? area(geometry) : ringArea(value.rings[0].spots)) : 0;
  const metres = value.rings.reduce((sum, ring) => sum + lengthOf(ring.spots, closed && value.done), 0);
  const wrong = places.length ? 'crosses' : value.done && closed && m2 < LEAST_M2 ? 'tiny' : '';
  return { corners, m2, metres, places, wrong };
}

/** Holds the value and tells `change` ({before, why}) after each step, `rough` while a corner is on its way. */
export class Sketch extends EventTarget {
  constructor() {
    super();
    this.value = null;
    this.chosen = null; // [ring, corner]
  }

  get isOpen() { return Boolean(this.value) && !this.value.done; }

  /** Become another value; quietly where it was told by whoever keeps the steps. */
  become(value, why = 'become', quiet = false) {
    const before = this.value;
    this.value = value;
    this.chosen = null;
    this.dispatchEvent(new CustomEvent(quiet ? 'shown' : 'change', { detail: { before, why } }));
  }

  step(why, rings, more = {}) {
    const before = this.value;
    this.value = { ...this.value, rings, ...more };
    this.dispatchEvent(new CustomEvent('change', { detail: { before, why } }));
    return true;
  }

  withRing(index, spots) { return this.value.rings.map((ring, i) => (i === index ? { ...ring, spots } : ring)); }

  spots(ring = 0) { return this.value?.rings[ring]?.spots ?? []; }

  /** Add a corner at the end of what is being drawn; the same spot twice ends the drawing. */
  add(spot) {
    const corner = stored(spot);
    const known = this.spots();
    if (same(corner, known.at(-1)) || (known.length > 2 && this.value.form === 'area' && same(corner, known[0]))) return this.finish();
    return this.step('add', known.length ? this.withRing(0, [...known, corner]) : [{ part: 0, spots: [corner] }]);
  }

  /** Take the last corner back. */
  back() {
    const known = this.spots();
    if (!this.isOpen || !known.length) return false;
    return this.step('back', known.length > 1 ? this.withRing(0, known.slice(0, -1)) : []);
  }

  get mayFinish() { return this.isOpen && this.spots().length >= (this.value.form === 'area' ? 3 : 2); }

  finish() { return this.mayFinish && this.step('finish', this.value.rings, { done: true }); }

  insert(ring, at, spot) {
    const spots = this.spots(ring);
    this.chosen = [ring, at];
    return this.step('insert', this.withRing(ring, [...spots.slice(0, at), stored(spot), ...spots.slice(at)]));
  }

  /** Take a corner out; a hole that would have two corners goes as a whole, an outer ring never. */
  remove(ring, at) {
    const spots = this.spots(ring);
    const least = this.value.form === 'area' ? 3 : 2;
    const isHole = this.value.rings.findIndex((each) => each.part === this.value.rings[ring].part) !== ring;
    this.chosen = null;
    if (this.value.done && spots.length <= least) return isHole && this.step('remove', this.value.rings.filter((_, i) => i !== ring));
    const left = spots.filter((_, i) => i !== at);
    return this.step('remove', left.length ? this.withRing(ring, left) : []);
  }

  move(ring, at, spot) {
    if (same(this.spots(ring)[at], stored(spot))) return false;
    return this.step('move', this.withRing(ring, this.spots(ring).map((each, i) => (i === at ? stored(spot) : each))));
  }

  /** A corner on its way under a finger: shown, not kept. */
  rough(ring, at, spot) {
    const rings = this.withRing(ring, this.spots(ring).map((each, i) => (i === at ? spot : each)));
    this.dispatchEvent(new CustomEvent('rough', { detail: { ...this.value, rings } }));
  }

  choose(ring, at) {
    this.chosen = ring === null ? null : [ring, at];
    this.dispatchEvent(new CustomEvent('chosen'));
  }
}
