// Drawing a segment along the streets: between two clicks the line follows the network, or runs straight where asked.
import { get, query } from './api.js';
import { h } from './dom.js';
import { LinePicker } from './picker.js';
import { t } from './texts.js';

/** A line of corners that follows the streets while the box is ticked; taking back takes a whole stretch. */
export class StreetLine extends LinePicker {
  constructor(map, parts, onChange) {
    super(map, parts, onChange);
    this.steps = [];
    this.waits = Promise.resolve();
    const words = document.getElementById('words-follow')?.dataset ?? {};
    this.box = h('input', { type: 'checkbox', checked: true });
    this.words = words;
    parts.text.closest('.card-body').querySelector('.picker-tools').append(h('label', { class: 'check follow' }, this.box, words.label ?? ''));
  }

  /** Clicks are taken in their order, however long the way of one takes. */
  add(lon, lat) { this.waits = this.waits.then(() => this.step(lon, lat)); }

  async step(lon, lat) {
    const before = this.corners.length;
    const last = this.corners.at(-1);
    let said = '';
    if (this.box.checked && last) {
      try {
        const { data } = await get(`/segments/way${query({ from: last.join(','), to: `${lon},${lat}` })}`);
        this.corners.push(...data.geometry.coordinates.slice(1));
        if (before === 1) this.corners[0] = data.geometry.coordinates[0];
      } catch (error) {
        said = error.message;
      }
    }
    if (this.corners.length === before) this.corners.push([Number(lon.toFixed(7)), Number(lat.toFixed(7))]);
    this.steps.push(before);
    this.draw();
    if (said) this.parts.said.textContent = `${said} ${this.words.straight ?? t('js.form.two')}`;
  }

  clear() {
    const before = this.steps.pop();
    if (before === undefined) this.corners.pop();
    else this.corners.length = Math.min(before, this.corners.length);
    this.draw();
  }
}
