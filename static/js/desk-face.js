// The face of the drawing desk: toolbar, panel and what lies on the map, kept in step with what is being done.
/* global L */
import { deskBar } from './desk-bar.js';
import * as panels from './desk-panel.js';
import { isPicking } from './desk-tasks.js';
import { $, h, put } from './dom.js';
import * as drafts from './drafts.js';
import { titleOf } from './page.js';
import { openPanel } from './panel.js';
import { factsOf } from './sketch.js';
import { t } from './texts.js';

const MOST_AROUND = 600;
const coarse = matchMedia('(pointer: coarse)');

/** What a desk shows; what it does is added by those who extend it. */
export class DeskFace {
  makeBoxes() {
    const acts = { undo: () => this.undo(), redo: () => this.redo(), back: () => this.back(), finish: () => this.finish(), crosshair: () => this.hand.aim(!this.hand.crosshair.isOn, true), snapping: () => { this.lines.isOn = !this.lines.isOn; this.say(t(this.lines.isOn ? 'js.desk.snapping_on' : 'js.desk.snapping_off')); this.follow(); } };
    this.bar = deskBar(acts);
    this.live = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite', id: 'desk-live' });
    document.querySelector('.stage').append(this.bar.element, this.live);
    for (const name of ['next', 'size', 'own', 'found', 'said']) this[`${name}Box`] = h('div', { class: `desk-${name}` });
    this.nextBox.className = 'desk-next';
    this.sizeBox.className = 'draw-state';
    this.nextBox.setAttribute('aria-live', 'polite');
    this.save = h('button', { class: 'button button-main', type: 'submit' }, t('js.desk.save'));
  }

  say(words) {
    this.live.textContent = this.live.textContent === words ? `${words}\u00a0` : words;
  }

  clearLook() {
    this.changes = null;
    this.preview.clear();
    this.evidence.clear();
    this.chosen.clearLayers();
    put(this.saidBox);
  }

  /** Borders of the zones nearby, also of kinds whose layer is not shown: one must see what one means. */
  around() {
    const kind = this.state && (this.state.zones[0]?.kind ?? (this.state.task === 'fill' ? this.state.kind : this.facts?.kind.value));
    const own = this.state?.task === 'reshape' ? this.state.zones[0]?.code : null;
    const wanted = this.lines.zones.filter(({ properties }) => (!kind || properties.kind === kind) && properties.code !== own).slice(0, MOST_AROUND);
    const key = `${kind} ${own} ${this.lines.at}`;
    if (this.aroundKey === key) return;
    this.aroundKey = key;
    this.context.clearLayers();
    L.geoJSON(wanted, { interactive: false, pane: 'preview', renderer: this.preview.renderer, style: () => ({ pane: 'preview', renderer: this.preview.renderer, className: 'desk-around', weight: 1.5, interactive: false, fill: false }) }).addTo(this.context);
  }

  /** Show which of several zones on a spot the list is at. */
  pointOut(zone) {
    this.evidence.clear();
    if (zone) this.evidence.put(zone.geometry, 'pointed');
  }

  outlineChosen() {
    this.chosen.clearLayers();
    if (this.state.task === 'reshape') return;
    const shapes = [...this.state.zones.map((zone) => this.shapes.get(zone.code)), this.state.street?.geometry].filter(Boolean);
    for (const geometry of shapes) L.geoJSON(geometry, { interactive: false, pane: 'preview', style: () => ({ className: 'desk-chosen', weight: 4, interactive: false }) }).addTo(this.chosen);
    if (this.state.spot) L.marker([this.state.spot[1], this.state.spot[0]], { icon: L.divIcon({ className: 'desk-spot', iconSize: [26, 26] }), interactive: false, keyboard: false }).addTo(this.chosen);
  }

  sentence() {
    if (!this.state) return t('js.desk.next.menu');
    const isByFinger = coarse.matches && this.step.startsWith('draw_');
    return isByFinger ? t(`js.desk.touch.${this.step}`) : t(`js.desk.next.${this.step}`);
  }

  /** Bring what is talked about out from under the panel, where it is not in sight as a whole. */
  reveal(geometries) {
    const bounds = L.latLngBounds([]);
    for (const geometry of geometries.filter(Boolean)) bounds.extend(L.geoJSON(geometry).getBounds());
    if (!bounds.isValid()) return;
    const { left, top, width, height } = this.hand.free();
    const [low, high] = [this.map.latLngToContainerPoint(bounds.getSouthWest()), this.map.latLngToContainerPoint(bounds.getNorthEast())];
    const isSeen = low.x >= left && high.x <= left + width && high.y >= top && low.y <= top + height;
    if (!isSeen) this.map.fitBounds(bounds, { maxZoom: Math.max(this.map.getZoom(), 17), animate: false, ...this.hand.padding() });
  }

  render() {
    const { state } = this;
    if (!state) {
      openPanel(t('js.layer.zones'), t('js.desk.title'), panels.menu({ picked: this.picked, drafts: drafts.drafts(), note: this.note, acts: this.acts() }));
      this.form = null;
    } else {
      if (!this.form || this.formOf !== this.facts || this.formTask !== state.task) this.makeForm();
      put(this.nextBox, h('strong', {}, this.sentence()), this.onMap && !coarse.matches && this.step !== 'edit' ? h('small', { class: 'quiet' }, t('js.desk.keys')) : null);
      put(this.ownBox, panels.chosen(state, this.acts()), panels.choices(state, this.acts(), { streets: this.streets }));
      if (this.finderOf !== this.step + state.zones.length) put(this.foundBox, panels.finder(this.step, this.acts(), state.zones.map((zone) => zone.code)));
      this.finderOf = this.step + state.zones.length;
      panels.measures(this.sizeBox, this.sketch.value && factsOf(this.sketch.value), this.sketch.value?.form, this.sketch.value?.done);
    }
    $('panel').classList.add('panel-wide');
    $('panel').classList.toggle('panel-low', Boolean(state) && this.onMap && !(this.step === 'edit'));
    this.table.element.hidden = !this.sketch.value || (state && isPicking(this.step));
    this.follow();
  }

  makeForm() {
    this.formOf = this.facts;
    this.formTask = this.state.task;
    this.finderOf = null;
    this.form = h('form', { class: 'report desk', onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.nextBox, this.sizeBox, this.ownBox, this.foundBox, this.preview.element, this.saidBox, this.table.element, this.facts?.element,
      h('div', { class: 'send' }, h('div', { class: 'actions' }, this.save, h('button', { type: 'button', class: 'button', onclick: () => this.menu() }, t('js.desk.to_menu')), this.retireButton())));
    const heading = this.state.task === 'reshape' && this.known ? titleOf(this.known.properties) : t(`js.desk.task.${this.state.task}`);
    openPanel(t('js.desk.title'), heading, this.form);
  }

  /** Tell the toolbar how things stand. */
  follow() {
    const { sketch } = this;
    document.body.classList.toggle('desk-drawing', Boolean(this.step?.startsWith('draw_')));
    this.save.disabled = !this.maySave;
    this.bar.follow({ mayUndo: this.journal.mayUndo, mayRedo: this.journal.mayRedo, isSnapping: this.lines.isOn, isCrosshair: this.hand.crosshair.isOn, isDrawing: Boolean(this.step?.startsWith('draw_')), mayBack: sketch.spots().length > 0, mayFinish: sketch.mayFinish, onMap: this.onMap, isEditing: Boolean(sketch.value) });
    if (this.hand.crosshair.isOn) { if (this.onMap) this.hand.crosshair.place(); else this.hand.crosshair.show(false); }
  }

  showZones() {
    const shapes = this.state.zones.map((zone) => this.shapes.get(zone.code)).filter(Boolean);
    const bounds = L.latLngBounds([]);
    for (const geometry of shapes) bounds.extend(L.geoJSON(geometry).getBounds());
    if (bounds.isValid()) this.map.fitBounds(bounds, { maxZoom: 19, animate: false, ...this.hand.padding() });
  }
}
