// The drawing desk: holds what is being done to which zones, asks the server what it would change, and carries it out.
/* global L */
import { CornerTable } from './corner-table.js';
import { Facts } from './desk-facts.js';
import { Hand } from './desk-hand.js';
import { Journal } from './desk-journal.js';
import { Preview } from './desk-preview.js';
import { DeskSaving } from './desk-saving.js';
import { TASKS, begin, isPicking, nextStep, offers } from './desk-tasks.js';
import { $, debounce, h } from './dom.js';
import * as drafts from './drafts.js';
import { closePanel, openPanel } from './panel.js';
import { pickZone, streetAt, streetsThrough, zoneOf } from './picking.js';
import { Evidence } from './refusal.js';
import { Sketch, blank, factsOf, geometryOf, valueOf } from './sketch.js';
import { SketchView } from './sketch-view.js';
import { Lines } from './snapping.js';
import { t } from './texts.js';
import { toast } from './toast.js';

const coarse = matchMedia('(pointer: coarse)');
let running = null;

/** Open the desk; `asked` may name {task, zones: [codes], spot, kind, draft}. */
export async function openDrawing(map, asked, { onSaved }) {
  running?.end();
  running = new Desk(map, onSaved);
  await running.open(asked ?? {});
}

class Desk extends DeskSaving {
  constructor(map, onSaved) {
    super();
    Object.assign(this, { map, onSaved, state: null, picked: null, facts: null, known: null, streets: null, changes: null, turn: 0, note: null, isOpen: true, shapes: new Map() });
    this.sketch = new Sketch();
    this.journal = new Journal();
    this.lines = new Lines(map, () => this.around());
    this.context = L.layerGroup().addTo(map);
    this.view = new SketchView(map, this.sketch, { snap: (spot, event) => this.hand.snap(spot, event), say: (words) => this.say(words) });
    this.chosen = L.layerGroup().addTo(map);
    this.evidence = new Evidence(map);
    this.preview = new Preview(map);
    this.table = new CornerTable(this.sketch, (words) => this.say(words));
    this.makeBoxes();
    this.hand = new Hand(map, this);
    this.sketch.addEventListener('change', ({ detail }) => this.drawn(detail));
    this.journal.addEventListener('change', () => this.follow());
    this.soon = debounce(() => this.look(), 250);
    this.keepSoon = debounce(() => this.keepDraft(), 300);
    document.addEventListener('panel-closed', this.closed = () => this.end());
    document.body.dataset.mode = 'draw';
    this.lines.fetch();
  }

  async open(asked) {
    drafts.withdraw();
    if (asked.task || asked.draft) openPanel(t('js.desk.title'), TASKS[asked.task] ? t(`js.desk.task.${asked.task}`) : '', h('p', { class: 'waiting' }, h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') })));
    else this.menu();
    try {
      const draft = asked.draft && drafts.drafts().find((row) => row.key === asked.draft);
      if (draft) return await this.resume(draft.key);
      if (!asked.task) return null;
      if (!TASKS[asked.task] || !offers(TASKS[asked.task].op)) return this.menu();
      const zones = await Promise.all((asked.zones ?? []).map(zoneOf));
      const spot = asked.spot?.split(',').map(Number);
      await this.begin(asked.task, zones, { ...(spot?.length === 2 && spot.every(Number.isFinite) ? { spot } : {}), ...(asked.kind ? { kind: asked.kind } : {}) });
      this.showAll();
    } catch (error) {
      toast(error.message, { tone: 'bad' });
      this.menu();
    }
    return null;
  }

  get step() { return this.state && nextStep(this.state); }

  get onMap() { return !this.state || this.step.startsWith('draw_') || isPicking(this.step) || this.step === 'edit'; }

  acts() {
    return {
      begin: (task, byKeys) => this.begin(task, this.picked && TASKS[task].zones ? [this.picked] : [], {}, byKeys), resume: (key) => this.resume(key), discard: (key) => { drafts.discard(key); this.menu(); },
      set: (more) => this.change(more), cutBy: (how) => this.cutBy(how), take: (code) => this.takeCode(code), takeOut: (index) => this.change({ zones: this.state.zones.filter((_, i) => i !== index), keep: null }),
    };
  }

  /** Back to what can be done. */
  menu(note = null) {
    this.state = null;
    this.facts = null;
    this.note = note;
    this.clearLook();
    this.sketch.become(null, 'menu', true);
    this.hand.aim(false);
    this.render();
  }

  /** Begin a task with the zones that are known already. */
  async begin(task, zones = [], more = {}, byKeys = false) {
    this.picked = null;
    const fresh = begin(task, { zones: zones.map(slim), ...more });
    this.facts = null;
    this.streets = null;
    this.become(fresh);
    if (TASKS[task].form === 'area' && !zones.length && task === 'new') this.facts = new Facts(null, null, () => this.factsChanged());
    if (zones.length) await this.zonesCame(zones);
    this.render();
    if (this.onMap && this.step !== 'edit' && (byKeys || coarse.matches)) this.hand.aim(true, byKeys);
    this.say(this.sentence());
  }

  /** Take over a state as it was, of the journal or of a draft. */
  become(state, { quiet = true } = {}) {
    this.state = state;
    const form = state && TASKS[state.task].form;
    const isCut = state?.task !== 'split' || state.how === 'line';
    this.sketch.become(state?.sketch ?? (form && isCut && (form === 'line' || state.task === 'new') ? blank(form) : null), 'become', quiet);
    this.changed();
  }

  /** Change the state by some values, as a step that can be taken back. */
  change(more) {
    const before = this.state;
    this.state = { ...this.state, ...more };
    this.journal.add({ before, after: this.state });
    this.changed();
    this.render();
  }

  cutBy(how) {
    const before = this.state;
    this.become({ ...before, how, sketch: null });
    this.journal.add({ before, after: this.state });
    this.render();
    if (how === 'street' && !this.streets) this.findStreets();
  }

  async findStreets() {
    const [zone] = this.state.zones;
    const known = await zoneOf(zone.code).then(streetsThrough).catch(() => []);
    this.streets = known;
    this.render();
  }

  drawn({ before, why }) {
    if (!this.state) return;
    const was = { ...this.state, sketch: before };
    const isChanged = this.state.task === 'reshape' ? JSON.stringify(this.sketch.value) !== this.original || this.facts?.isChanged : false;
    this.state = { ...this.state, sketch: this.sketch.value, halve: null, isChanged };
    this.journal.add({ before: was, after: this.state });
    this.changed();
    this.render();
    if (why === 'finish') this.reveal([geometryOf(this.sketch.value)]);
    if (why === 'finish') this.say(`${t('js.desk.closed')} ${this.sentence()}`);
  }

  factsChanged() {
    if (this.state?.task === 'reshape') this.state = { ...this.state, isChanged: this.facts.isChanged || JSON.stringify(this.sketch.value) !== this.original };
    if (this.state?.task === 'new' && this.lookedKind !== this.facts.kind.value) this.changed();
    this.save.disabled = !this.maySave;
    this.keepSoon();
    this.follow();
  }

  /** After anything changed: what was looked at is no longer so; ask again when all is there. */
  changed() {
    this.turn += 1;
    this.lookedKind = this.facts?.kind.value;
    this.clearLook();
    this.around();
    this.lines.leaveOut(this.state?.task === 'reshape' ? this.state.zones.map((zone) => zone.code) : []);
    if (!this.state) return;
    this.outlineChosen();
    this.keepSoon();
    if (this.step === 'ready' && !this.fault()) this.soon();
  }

  fault() { return this.sketch.value ? factsOf(this.sketch.value).wrong : ''; }

  /** Somebody tapped on the map, or pressed Enter at the crosshair, and means what is there. */
  async pick(spot) {
    const { state, step } = this;
    try {
      if (step === 'tap_gap') return this.change({ spot });
      if (step === 'pick_street') return await this.pickStreet(spot);
      const alike = state?.zones.length && state.task !== 'pick' ? state.zones[0].kind : step === 'fill_to' ? state.kind : null;
      const zone = await pickZone(this.map, spot, alike, state?.zones.map((each) => each.code) ?? [], (zone) => this.pointOut(zone));
      if (state !== this.state) return null;
      if (!zone) return this.say(t('js.desk.no_zone_here'));
      return await this.takeCode(zone.code);
    } catch (error) {
      return toast(error.message, { tone: 'bad' });
    }
  }

  async pickStreet(spot) {
    const street = await streetAt(spot);
    if (!street) return this.say(t('js.desk.no_street_here'));
    this.say(t('js.desk.picked', { name: street.name || street.code }));
    return this.change({ street });
  }

  async takeCode(code) {
    const { state } = this;
    const zone = await zoneOf(code);
    if (state !== this.state) return null;
    this.say(t('js.desk.picked', { name: zone.name || zone.code }));
    if (!state) { this.picked = zone; return this.render(); }
    if (this.step === 'fill_to') return this.change({ to: zone.code, toName: zone.name || zone.code });
    this.change({ zones: [...state.zones, slim(zone)] });
    await this.zonesCame([zone]);
    return this.render();
  }

  /** Zones were chosen: their borders are shown, and the one to be reshaped is taken in hand. */
  async zonesCame(zones) {
    for (const zone of zones) this.shapes.set(zone.code, zone.geometry);
    if (this.state.task === 'reshape') {
      this.known = zones[0];
      this.original = JSON.stringify(valueOf(zones[0].geometry));
      this.facts = new Facts(zones[0].properties, this.pendingFacts, () => this.factsChanged());
      this.pendingFacts = null;
      if (!this.state.sketch) this.become({ ...this.state, sketch: valueOf(zones[0].geometry) });
      this.showAll();
    }
    this.outlineChosen();
    if (this.state.task === 'merge' && this.step === 'ready') this.soon();
  }

  back() { if (this.sketch.back()) this.say(t('js.desk.was_taken_back', { n: this.sketch.spots().length })); }

  finish() {
    const byKeys = this.hand.crosshair.isOn && !coarse.matches;
    if (!this.sketch.finish()) { this.say(t('js.desk.too_few')); return; }
    this.hand.aim(false);
    if (byKeys) (this.facts?.name ?? this.save).focus({ preventScroll: true });
  }

  /** Escape: first out of the stroke, then out of the task, then out of the desk. */
  cancel() {
    if (this.sketch.isOpen && this.sketch.spots().length) {
      this.sketch.become(blank(this.sketch.value.form));
      this.say(t('js.desk.cancelled'));
    } else if (this.state) this.menu();
    else closePanel();
  }

  async undo() { await this.walk(() => this.journal.undo(), 'before', 'js.desk.undone'); }

  async redo() { await this.walk(() => this.journal.redo(), 'after', 'js.desk.redone'); }

  async walk(go, side, words) {
    try {
      const step = await go();
      if (!step) return;
      if (step.saved) this.reload();
      await this.stand(step[side]);
      this.say(t(words));
      if (step.saved) toast(t(side === 'before' ? 'js.desk.saved_undone' : 'js.desk.saved_redone'));
    } catch (error) {
      toast(error.message, { tone: 'bad' });
    }
  }

  /** Stand where a step leads to, also when it is of another task. */
  async stand(state) {
    const isSame = state && this.state?.task === state.task && drafts.keyOf(state) === drafts.keyOf(this.state);
    if (!state) return this.menu();
    if (!isSame) {
      this.facts = state.task === 'new' ? new Facts(null, null, () => this.factsChanged()) : null;
      this.state = state;
      const zones = await Promise.all(state.zones.map((zone) => zoneOf(zone.code)));
      await this.zonesCame(zones);
    }
    this.become(state);
    return this.render();
  }

  end() {
    document.removeEventListener('panel-closed', this.closed);
    const left = this.state && this.keepDraft();
    delete document.body.dataset.mode;
    document.body.classList.remove('desk-drawing');
    $('panel').classList.remove('panel-low');
    for (const part of [this.hand, this.view, this.lines, this.evidence, this.preview]) part.remove();
    for (const element of [this.bar.element, this.live, this.chosen, this.context]) element.remove();
    this.isOpen = false;
    if (running === this) running = null;
    if (left) toast(t('js.desk.draft_kept'));
  }
}

const slim = ({ code, name, kind, version }) => ({ code, name, kind, version });
