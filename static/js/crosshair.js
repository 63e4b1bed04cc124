// The crosshair: drawing without a pointer, and by finger without the finger in the way. The map moves beneath it.
import { h, icon } from './dom.js';
import { distance } from './shapes.js';
import { t, amount } from './texts.js';

const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const SNAP_PX = 90; // how far the snapping key looks
const SOON_MS = 250;

export class Crosshair {
  /** `acts`: set(spot), back(), finish(), cancel(), last(); `free()` the box of the map that nothing covers. */
  constructor(map, lines, { acts, free, say, onMove }) {
    Object.assign(this, { map, lines, acts, free, say, onMove, isOn: false, exact: null, turn: 0 });
    this.element = h('div', { class: 'crosshair', hidden: true, 'aria-hidden': 'true' });
    this.button = h('button', { type: 'button', class: 'crosshair-set', hidden: true, onclick: () => this.set() }, icon('plus'), h('span', {}, t('js.desk.set')));
    const stage = document.querySelector('.stage');
    stage.append(this.element, this.button);
    this.ground = map.getContainer();
    this.ground.addEventListener('keydown', this.keys = (event) => this.keyed(event), true);
    map.on('move zoom', this.moved = () => this.follow());
    map.on('resize', this.placed = () => this.place());
  }

  remove() {
    this.show(false);
    this.ground.removeEventListener('keydown', this.keys, true);
    this.map.off('move zoom', this.moved).off('resize', this.placed);
    this.element.remove();
    this.button.remove();
  }

  /** Show or hide it; `focus` gives it the keyboard. */
  show(on, focus = false) {
    this.isOn = on;
    this.element.hidden = !on;
    this.button.hidden = !on;
    this.place();
    if (on) this.onMove(this.spot());
    if (on && focus) this.ground.focus({ preventScroll: true });
  }

  place() {
    const { left, top, width, height } = this.free();
    this.at = [left + width / 2, top + height / 2];
    this.element.style.left = `${this.at[0]}px`;
    this.element.style.top = `${this.at[1]}px`;
  }

  /** Where it points to: the very corner it was put on, else the middle of its hairs. */
  spot() {
    if (this.exact) return this.exact;
    const { lng, lat } = this.map.containerPointToLatLng(this.at);
    return [lng, lat];
  }

  follow() {
    if (!this.isOn) return;
    if (!this.going) this.exact = null;
    this.onMove(this.spot());
  }

  pan(dx, dy) {
    this.exact = null;
    this.map.panBy([dx, dy], { animate: false, noMoveStart: true });
    this.tell();
  }

  /** Put it on a spot, exactly. */
  goTo(spot) {
    this.going = true;
    const point = this.map.latLngToContainerPoint([spot[1], spot[0]]);
    this.map.panBy([point.x - this.at[0], point.y - this.at[1]], { animate: false });
    this.going = false;
    this.exact = spot;
    this.onMove(spot);
  }

  /** The next of what is near: pressed again, the one after it. */
  snap() {
    const origin = this.turn ? this.from : this.spot();
    this.from = origin;
    const near = this.lines.around(origin, this.lines.metres(SNAP_PX), 12);
    if (!near.length) { this.turn = 0; this.say(t('js.desk.nothing_near')); return; }
    const hit = near[this.turn % near.length];
    this.turn += 1;
    this.goTo(hit.spot);
    this.say(t(`js.desk.on_${hit.is}`, { what: nameOf(hit.owner) }));
  }

  set() {
    if (this.isOn) this.acts.set(this.spot(), { exact: Boolean(this.exact) });
  }

  tell() {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      const [lon, lat] = this.spot();
      const last = this.acts.last();
      const far = last ? t('js.desk.far', { m: amount(distance(last, [lon, lat]), 1) }) : '';
      this.say(`${t('js.desk.at', { lon: lon.toFixed(6), lat: lat.toFixed(6) })} ${far}`);
    }, SOON_MS);
  }

  keyed(event) {
    if (!this.isOn || event.target !== this.ground || event.ctrlKey || event.metaKey) return;
    const way = WAYS[event.key];
    const step = event.altKey ? 1 : event.shiftKey ? 80 : 16;
    const key = event.key.toLowerCase();
    if (key !== 's') this.turn = 0;
    if (way) this.pan(way[0] * step, way[1] * step);
    else if (key === 'enter' || key === ' ') this.set();
    else if (key === 'backspace') this.acts.back();
    else if (key === 'f') this.acts.finish();
    else if (key === 's') this.snap();
    else if (key === '+' || key === '=') this.zoom(1);
    else if (key === '-') this.zoom(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  zoom(by) {
    const spot = this.spot();
    this.map.setZoom(this.map.getZoom() + by, { animate: false });
    this.goTo(spot);
  }
}

/** How a line one may snap to is called. */
export const nameOf = (owner) => owner.name || owner.code || t(`js.desk.line_${owner.layer}`);
