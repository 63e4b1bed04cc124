// The hands of the drawing desk: taps, pointer and keys on the map, turned into corners and picks.
import { Crosshair, nameOf } from './crosshair.js';
import { $ } from './dom.js';
import { isPicking } from './desk-tasks.js';
import { ll, lonLat } from './sketch-view.js';
import { t } from './texts.js';

const MOUSE_PX = 12;
const FINGER_PX = 22;
const SAME_PX = 5;
const coarse = matchMedia('(pointer: coarse)');
const isWriting = (target) => target.closest?.('input, textarea, select, [contenteditable]');

export class Hand {
  /** `desk` tells `step`, `sketch`, `view`, `lines`, and does set, pick, cancel, undo, redo. */
  constructor(map, desk) {
    Object.assign(this, { map, desk });
    const acts = { set: (spot, how) => this.put(spot, how), back: () => desk.back(), finish: () => desk.finish(), last: () => desk.sketch.spots().at(-1) };
    this.crosshair = new Crosshair(map, desk.lines, { acts, free: () => this.free(), say: (words) => desk.say(words), onMove: (spot) => this.point(spot, MOUSE_PX) });
    map.on('click', this.clicked = (event) => this.click(event));
    map.on('mousemove', this.moved = (event) => this.move(event));
    document.addEventListener('keydown', this.keys = (event) => this.keyed(event), true);
    map.getContainer().addEventListener('focus', this.focused = () => { if (map.getContainer().matches(':focus-visible') && desk.onMap) this.aim(true); });
    map.doubleClickZoom.disable();
  }

  remove() {
    this.map.off('click', this.clicked).off('mousemove', this.moved);
    document.removeEventListener('keydown', this.keys, true);
    this.map.getContainer().removeEventListener('focus', this.focused);
    this.map.doubleClickZoom.enable();
    this.crosshair.remove();
  }

  /** The part of the map that nothing covers, in its own pixels. */
  free() {
    const size = this.map.getSize();
    const top = this.map.getContainer().getBoundingClientRect().top;
    const panel = $('panel').hidden ? null : $('panel').getBoundingClientRect();
    const isSheet = panel && panel.width >= size.x - 20;
    const above = isSheet ? 52 : 0;
    return { left: 0, top: above, width: panel && !isSheet ? size.x - panel.width : size.x, height: (isSheet ? panel.top - top : size.y) - above };
  }

  /** The same as paddings for fitting things in. */
  padding() {
    const { left, top, width, height } = this.free();
    const size = this.map.getSize();
    const [side, above, below] = width < 500 ? [16, 8, 12] : [40, 60, 30];
    return { paddingTopLeft: [left + side, top + above], paddingBottomRight: [size.x - left - width + side, Math.max(below, size.y - top - height + below)] };
  }

  /** Take the crosshair out or away; by keyboard the map gets the keys. */
  aim(on, focus = false) {
    this.crosshair.show(on, focus);
    this.desk.follow();
  }

  snap(spot, event) {
    if (event?.altKey || event?.originalEvent?.altKey) return spot;
    const hit = this.desk.lines.nearest(spot, event?.pointerType === 'touch' || coarse.matches ? FINGER_PX : MOUSE_PX);
    this.desk.view.rubber(null, hit);
    return hit?.spot ?? spot;
  }

  isDrawing() { return this.desk.step?.startsWith('draw_'); }

  /** Show where a corner would go. */
  point(spot, pixels) {
    if (!this.isDrawing()) { this.desk.view.rubber(null, null); return; }
    const hit = this.desk.lines.nearest(spot, pixels);
    this.desk.view.rubber(hit?.spot ?? spot, hit);
  }

  move({ latlng, originalEvent }) {
    if (coarse.matches || this.crosshair.isOn || originalEvent?.buttons) return;
    this.point(lonLat(latlng), MOUSE_PX);
  }

  click({ latlng, originalEvent }) {
    this.put(lonLat(latlng), { event: originalEvent });
  }

  /** A tap, a click or Enter at the crosshair: a corner while drawing, else a thing that is meant. */
  put(spot, { exact = false, event = null } = {}) {
    const { desk } = this;
    if (this.isDrawing()) return this.corner(spot, exact, event);
    const isMore = desk.state?.task === 'merge' && desk.step === 'ready';
    if (isPicking(desk.step) || !desk.state || isMore) return desk.pick(spot);
    return null;
  }

  corner(spot, exact, event) {
    const { sketch, lines } = this.desk;
    const reach = event && (event.pointerType === 'touch' || coarse.matches) ? FINGER_PX : MOUSE_PX;
    const near = (other, pixels) => other && this.map.latLngToContainerPoint(ll(other)).distanceTo(this.map.latLngToContainerPoint(ll(spot))) <= pixels;
    const first = sketch.value?.form === 'area' && sketch.mayFinish ? sketch.spots()[0] : null;
    if (near(first, reach) || (sketch.mayFinish && near(sketch.spots().at(-1), SAME_PX))) return this.desk.finish();
    if (near(sketch.spots().at(-1), 1)) return null;
    const hit = exact || event?.altKey ? null : lines.nearest(spot, reach);
    sketch.add(hit?.spot ?? spot);
    const count = sketch.spots().length;
    this.desk.say([t('js.desk.was_set', { n: count }), hit ? t(`js.desk.on_${hit.is}`, { what: nameOf(hit.owner) }) : ''].join(' '));
    return null;
  }

  keyed(event) {
    const { desk } = this;
    const key = event.key.toLowerCase();
    if (document.querySelector('dialog[open]')) return;
    if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y') && !isWriting(event.target)) {
      event.preventDefault();
      event.stopPropagation();
      if (key === 'y' || event.shiftKey) desk.redo();
      else desk.undo();
    } else if (key === 'escape' && !isWriting(event.target)) {
      event.preventDefault();
      event.stopPropagation();
      if (document.querySelector('.stack-popup')) { this.map.closePopup(); this.map.getContainer().focus({ preventScroll: true }); } else desk.cancel();
    } else if (key === 'x' && desk.onMap && !isWriting(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      this.aim(!this.crosshair.isOn, true);
    }
  }
}
