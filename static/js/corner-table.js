// The corners of a sketch as a table: coordinates to read and write, rows to add and take out, corners to move by metres.
import { h, icon, put } from './dom.js';
import { distance, moved } from './shapes.js';
import { amount, t } from './texts.js';

const MOST = 60; // rows at a time; a border of a thousand corners is paged
const DIGITS = 7;
const STEPS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

const numbers = (text) => (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
const within = ([lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

export class CornerTable {
  constructor(sketch, say) {
    Object.assign(this, { sketch, say, first: 0, ring: 0 });
    this.body = h('tbody', {});
    this.pager = h('div', { class: 'actions' });
    this.count = h('span', { class: 'number quiet' });
    this.lon = h('input', { class: 'input number', inputmode: 'decimal', 'aria-label': t('js.desk.lon'), placeholder: t('js.desk.lon') });
    this.lat = h('input', { class: 'input number', inputmode: 'decimal', 'aria-label': t('js.desk.lat'), placeholder: t('js.desk.lat') });
    this.wrong = h('p', { class: 'status-overdue', role: 'alert' });
    const table = h('table', { class: 'corners' }, h('thead', {}, h('tr', {}, ['nth', 'lon', 'lat', 'edge', 'acts'].map((name) => h('th', { scope: 'col' }, t(`js.desk.${name}`))))), this.body);
    const more = h('div', { class: 'corner-new' }, this.lon, this.lat, h('button', { type: 'button', class: 'button button-small', onclick: () => this.append() }, t('js.desk.add_row')));
    this.lon.addEventListener('paste', (event) => this.pasted(event));
    this.element = h('details', { class: 'desk-corners' }, h('summary', {}, t('js.desk.corners'), ' ', this.count), h('p', { class: 'quiet' }, t('js.desk.corners_how')), table, this.pager, more, this.wrong);
    this.element.addEventListener('toggle', () => this.fill());
    for (const box of [this.lon, this.lat]) box.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); this.append(); } });
    for (const name of ['change', 'shown']) sketch.addEventListener(name, this.filled = () => this.fill());
  }

  fill() {
    const { value } = this.sketch;
    const all = value?.rings.flatMap(({ spots }, ring) => spots.map((spot, at) => ({ ring, at, spot, spots }))) ?? [];
    this.count.textContent = all.length ? String(all.length) : '';
    this.element.hidden = !value;
    if (!this.element.open) return put(this.body);
    this.first = Math.min(this.first, Math.max(0, all.length - 1));
    const held = this.focused();
    put(this.body, all.slice(this.first, this.first + MOST).map((row, index) => this.row(row, this.first + index)));
    const turn = (by, word) => h('button', { type: 'button', class: 'button button-small', onclick: () => { this.first += by; this.fill(); } }, t(word));
    put(this.pager, this.first > 0 ? turn(-MOST, 'js.desk.rows_before') : null, this.first + MOST < all.length ? turn(MOST, 'js.desk.rows_after') : null);
    if (held) this.body.querySelector(held)?.focus({ preventScroll: true });
    return null;
  }

  /** Where the keyboard is in the table, as a selector: the row is written anew, the place stays. */
  focused() {
    const cell = document.activeElement;
    return this.body.contains(cell) ? `[data-row="${cell.dataset.row}"][data-part="${cell.dataset.part}"]` : null;
  }

  row({ ring, at, spot, spots }, index) {
    const closed = this.sketch.value.form === 'area' && this.sketch.value.done;
    const next = spots[at + 1] ?? (closed ? spots[0] : null);
    const edge = next ? t('js.metres', { m: amount(distance(spot, next), 1) }) : '—';
    const cell = (axis) => {
      const box = h('input', { class: 'input number', inputmode: 'decimal', 'data-row': index, 'data-part': axis, 'aria-label': t(axis ? 'js.desk.lat_of' : 'js.desk.lon_of', { n: index + 1 }) });
      box.value = spot[axis].toFixed(DIGITS);
      box.addEventListener('change', () => this.written(box, ring, at, spot, axis));
      return h('td', {}, box);
    };
    const act = (part, name, label, run) => h('button', { type: 'button', class: 'icon-button', 'data-row': index, 'data-part': part, title: label, 'aria-label': label, onclick: run }, icon(name));
    const mover = act('move', 'move', t('js.desk.move_by_keys', { n: index + 1 }), () => this.sketch.choose(ring, at));
    mover.addEventListener('keydown', (event) => this.keyed(event, ring, at, spot));
    const half = next && [(spot[0] + next[0]) / 2, (spot[1] + next[1]) / 2];
    return h('tr', { class: this.sketch.chosen?.join() === `${ring},${at}` ? 'chosen' : null }, h('th', { scope: 'row', class: 'number' }, index + 1), cell(0), cell(1), h('td', { class: 'number' }, edge),
      h('td', { class: 'corner-acts' }, mover, half ? act('insert', 'plus', t('js.desk.insert_after', { n: index + 1 }), () => this.sketch.insert(ring, at + 1, half)) : null, act('remove', 'close', t('js.desk.remove', { n: index + 1 }), () => this.remove(ring, at, index))));
  }

  remove(ring, at, index) {
    this.say(this.sketch.remove(ring, at) ? t('js.desk.removed', { n: index + 1 }) : t('js.desk.least'));
  }

  written(box, ring, at, spot, axis) {
    const read = numbers(box.value);
    const to = read.length === 2 ? read : axis ? [spot[0], read[0]] : [read[0], spot[1]];
    if (!within(to)) {
      box.setAttribute('aria-invalid', 'true');
      this.wrong.textContent = t('js.desk.no_coordinate');
      return;
    }
    this.wrong.textContent = '';
    this.sketch.chosen = [ring, at];
    this.sketch.move(ring, at, to);
  }

  keyed(event, ring, at, spot) {
    const way = STEPS[event.key];
    if (!way) return;
    event.preventDefault();
    const metres = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
    const to = moved(spot, way[0] * metres, way[1] * metres);
    this.sketch.chosen = [ring, at];
    this.sketch.move(ring, at, to);
    this.say(t('js.desk.moved', { n: at + 1, lon: to[0].toFixed(6), lat: to[1].toFixed(6) }));
  }

  /** Two numbers pasted into the first box fill both. */
  pasted(event) {
    const read = numbers(event.clipboardData?.getData('text') ?? '');
    if (read.length < 2) return;
    event.preventDefault();
    [this.lon.value, this.lat.value] = read.map(String);
  }

  append() {
    const spot = [...numbers(this.lon.value).slice(0, 1), ...numbers(this.lat.value).slice(0, 1)];
    if (spot.length < 2 || !within(spot)) {
      this.wrong.textContent = t('js.desk.no_coordinate');
      return;
    }
    this.wrong.textContent = '';
    if (this.sketch.isOpen) this.sketch.add(spot);
    else this.sketch.insert(0, this.sketch.spots(0).length, spot);
    this.lon.value = '';
    this.lat.value = '';
    this.lon.focus();
  }
}
