// Covering faces and plates: boxes drawn by finger, mouse or keys on a photo; the server paints the copy that may be published.
import { call, newKey } from './api.js';
import { h, icon, notice, put } from './dom.js';
import { t } from './texts.js';

const STEP = 0.01;
const LEAST = 0.01;
const NEW = [0.4, 0.4, 0.2, 0.2];
const within = (value, low, high) => Math.min(high, Math.max(low, value));
const round = (value) => Number(value.toFixed(4));

/** Let the buttons of a page open the cover of their photo. */
export function wireMasks(root = document) {
  for (const button of root.querySelectorAll('[data-mask]')) {
    button.addEventListener('click', () => new Cover(button));
  }
}

class Cover {
  constructor(button) {
    this.id = button.dataset.mask;
    this.seen = button.dataset.seen || null;
    this.boxes = JSON.parse(button.dataset.boxes || '[]');
    this.stage = h('div', { class: 'mask-stage', onpointerdown: (event) => this.begin(event) });
    this.image = h('img', { src: `/api/v1/photos/${this.id}`, alt: '', draggable: 'false' });
    this.said = h('div', { 'aria-live': 'polite' });
    this.save = h('button', { type: 'button', class: 'button button-main', onclick: () => this.send() }, t('js.mask.save'));
    const add = h('button', { type: 'button', class: 'button', onclick: () => this.add([...NEW]) }, icon('plus'), t('js.mask.add'));
    const clear = h('button', { type: 'button', class: 'button button-plain', onclick: () => { this.boxes = []; this.draw(); } }, t('js.mask.clear'));
    const close = h('button', { type: 'button', class: 'icon-button lightbox-close', 'aria-label': t('js.close'), onclick: () => this.dialog.close() }, icon('close'));
    this.dialog = h('dialog', { class: 'mask', 'aria-labelledby': 'mask-title' }, close, h('h2', { id: 'mask-title' }, t('js.mask.title')), h('p', { class: 'quiet' }, t('js.mask.words')), this.stage, this.said,
      h('div', { class: 'actions' }, add, clear, this.save));
    this.dialog.addEventListener('close', () => { this.dialog.remove(); button.focus(); });
    document.body.append(this.dialog);
    this.draw();
    this.dialog.showModal();
  }

  add(box) {
    this.boxes.push(box);
    this.draw();
    this.stage.querySelector('.mask-box:last-of-type')?.focus();
  }

  /** Draw the boxes over the photo; each is a button that the keys move, resize and remove. */
  draw() {
    put(this.stage, this.image, this.boxes.map((box, index) => {
      const made = h('button', { type: 'button', class: 'mask-box', 'aria-label': t('js.mask.box', { n: index + 1 }), onkeydown: (event) => this.key(event, index, made), onpointerdown: (event) => this.drag(event, index, made) });
      const away = h('span', { class: 'mask-away', title: t('js.mask.remove'), onpointerdown: (event) => { event.stopPropagation(); event.preventDefault(); this.remove(index); } }, icon('close'));
      made.append(away);
      this.lay(made, box);
      return made;
    }));
  }

  lay(element, [x, y, width, height]) {
    Object.assign(element.style, { left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
  }

  remove(index) {
    this.boxes.splice(index, 1);
    this.draw();
    (this.stage.querySelector('.mask-box') ?? this.save).focus();
  }

  key(event, index, element) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') { event.preventDefault(); return this.remove(index); }
    if (!way) return null;
    event.preventDefault();
    const [x, y, width, height] = this.boxes[index];
    const moved = event.shiftKey ? [x, y, within(width + way[0] * STEP, LEAST, 1 - x), within(height + way[1] * STEP, LEAST, 1 - y)]
      : [within(x + way[0] * STEP, 0, 1 - width), within(y + way[1] * STEP, 0, 1 - height), width, height];
    this.boxes[index] = moved.map(round);
    return this.lay(element, this.boxes[index]);
  }

  /** Where a pointer is, as shares of the photo. */
  at({ clientX, clientY }) {
    const { left, top, width, height } = this.image.getBoundingClientRect();
    return [within((clientX - left) / width, 0, 1), within((clientY - top) / height, 0, 1)];
  }

  follow(event, moved, done) {
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    const move = (next) => moved(this.at(next));
    const end = () => { this.stage.removeEventListener('pointermove', move); done?.(); };
    this.stage.addEventListener('pointermove', move);
    this.stage.addEventListener('pointerup', end, { once: true });
    this.stage.addEventListener('pointercancel', end, { once: true });
  }

  begin(event) {
    const [x0, y0] = this.at(event);
    const pencil = h('span', { class: 'mask-box mask-pencil' });
    let box = null;
    this.stage.append(pencil);
    this.follow(event, ([x, y]) => {
      box = [Math.min(x0, x), Math.min(y0, y), Math.abs(x - x0), Math.abs(y - y0)].map(round);
      this.lay(pencil, box);
    }, () => { pencil.remove(); if (box && box[2] >= LEAST && box[3] >= LEAST) this.add(box); });
  }

  drag(event, index, element) {
    event.stopPropagation();
    const [x0, y0] = this.at(event);
    const [left, top, width, height] = this.boxes[index];
    element.focus();
    this.follow(event, ([x, y]) => {
      this.boxes[index] = [within(left + x - x0, 0, 1 - width), within(top + y - y0, 0, 1 - height), width, height].map(round);
      this.lay(element, this.boxes[index]);
    });
  }

  async send() {
    this.save.disabled = true;
    try {
      await call('POST', `/photos/${this.id}/masks`, { body: { boxes: this.boxes, seen: this.seen }, key: newKey() });
      put(this.said, notice('good', t('js.mask.saved', { n: this.boxes.length })));
      location.reload();
    } catch (error) {
      put(this.said, notice('bad', error.message));
      this.save.disabled = false;
    }
  }
}
