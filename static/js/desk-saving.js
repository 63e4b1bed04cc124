// The drawing desk towards the server: looking at what would change, carrying it out, refusals with their ways on, drafts.
import { call, newKey } from './api.js';
import { DeskFace } from './desk-face.js';
import { Facts } from './desk-facts.js';
import { revive, wayBack } from './desk-journal.js';
import { withBefore } from './desk-preview.js';
import { hasPreview, isOperation, offers, plain, requestOf } from './desk-tasks.js';
import { h, notice, put } from './dom.js';
import * as drafts from './drafts.js';
import { titleOf } from './page.js';
import { closePanel } from './panel.js';
import { versionIn, zoneOf } from './picking.js';
import { faultNotice, overlapNotice, staleNotice } from './refusal.js';
import { geometryOf, valueOf } from './sketch.js';
import { moment, t } from './texts.js';
import { toast } from './toast.js';

const pathOf = (code) => `/zones/${encodeURIComponent(code)}`;

export class DeskSaving extends DeskFace {
  /** The request of this task as it stands, with the versions that were seen. */
  request() {
    const geometry = geometryOf(this.state.sketch);
    const request = requestOf(this.state, this.facts?.feature(geometry));
    const isMoved = JSON.stringify(this.sketch.value) !== this.original;
    if (this.state.task === 'reshape' && !isMoved) return { method: 'PUT', path: `/zones/${encodeURIComponent(this.known.code)}`, body: this.facts.feature(this.known.geometry), isPlain: true };
    return request;
  }

  get maySave() {
    if (!this.state || this.step !== 'ready' || this.fault() || this.isSaving) return false;
    return !hasPreview(this.request()) || Boolean(this.changes);
  }

  /** The versions that were seen: those of the zones chosen, and of every neighbour the preview shows. */
  versions() {
    const seen = [...this.state.zones.map((zone) => [zone.code, zone.version]), ...(this.changes ?? []).map((change) => [change.zone, change.version])];
    return Object.fromEntries(seen.filter(([, version]) => version));
  }

  /** Ask what would change, and show it. */
  async look() {
    if (!this.state || this.step !== 'ready' || this.fault()) return;
    const { turn } = this;
    const request = this.request();
    if (!hasPreview(request)) { this.follow(); return; }
    put(this.saidBox, h('p', { class: 'waiting' }, h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') }), ' ', t('js.desk.looking')));
    try {
      const { data } = await call(request.method, `${request.path}?preview=true`, { body: request.body, ...(request.method === 'PUT' ? { etag: this.known.etag } : {}) });
      const changes = await withBefore(data.changes);
      if (turn !== this.turn) return;
      this.changes = changes;
      put(this.saidBox);
      this.preview.show(changes, data.notes ?? []);
      this.reveal(changes.filter((change) => change.is_new || Math.abs(change.after_m2 - change.before_m2) > 0.05).map((change) => change.geometry));
      if (matchMedia('(max-width: 720px)').matches) this.preview.element.scrollIntoView({ block: 'nearest' });
      this.say(t('js.desk.changes', { count: changes.length }));
    } catch (error) {
      if (turn === this.turn) this.refused(error);
    }
    this.follow();
  }

  async submit() {
    if (this.facts?.isUnfinished) { put(this.saidBox, notice('bad', t('js.lookup.choose'))); return; }
    if (!this.maySave) return;
    this.isSaving = true;
    this.follow();
    try {
      const request = this.request();
      const said = JSON.stringify(request);
      if (this.lastSaid !== said) this.key = newKey();
      this.lastSaid = said;
      const body = isOperation(request) ? { ...request.body, versions: this.versions() } : request.body;
      const { data } = await call(request.method, request.path, { body, ...(request.method === 'PUT' ? { etag: this.known.etag } : { key: this.key }) });
      if (this.state.task === 'reshape' && request.method === 'POST' && this.facts.isChanged) await this.writeFacts();
      this.lastSaid = null;
      this.saved(data);
    } catch (error) {
      this.refused(error);
    } finally {
      this.isSaving = false;
      this.follow();
    }
  }

  /** The facts of a zone whose border has just been written. */
  async writeFacts() {
    const { data, etag } = await call('GET', pathOf(this.known.code));
    await call('PUT', pathOf(this.known.code), { body: this.facts.feature(data.geometry), etag });
  }

  saved(data) {
    const { state } = this;
    const codes = data.zones ?? [];
    const own = data.properties ?? this.known?.properties ?? {};
    const created = state.task === 'new' && !data.zones ? own.code : null;
    const before = state.task === 'reshape' && this.known;
    const put_ = before && { undo: () => this.write(before.code, before.geometry, before.properties), redo: () => this.write(before.code, geometryOf(state.sketch), own) };
    const saved = wayBack(state, codes, { created, put: put_ });
    const step = { before: state, after: null, saved };
    drafts.discard(drafts.keyOf(state));
    this.journal.clear();
    if (saved) this.journal.add(step);
    const words = t(`js.desk.done.${state.task}`, { name: titleOf(own) || state.zones.map((zone) => zone.name || zone.code).join('、') || codes[0] || '', count: codes.length });
    toast(words, saved ? { act: { label: t('js.undo'), run: () => this.takeBack(step) } } : {});
    this.reload();
    this.menu(notice('good', h('p', {}, words), created || codes.length ? h('p', {}, (created ? [created] : codes.slice(0, 6)).map((code) => [h('a', { href: pathOf(code) }, code), ' '])) : null));
    this.say(words);
  }

  /** Write a border as it was (or as it was made), whatever the version: the person asked to take the last save back. */
  async write(code, geometry, { kind, name }) {
    const { etag } = await call('GET', pathOf(code));
    return call('PUT', pathOf(code), { etag, body: { type: 'Feature', geometry, properties: { kind, name } } });
  }

  /** The undo of the toast: also when the desk has been closed meanwhile. */
  async takeBack(step) {
    if (this.isOpen && this.journal.steps[this.journal.at - 1] === step) { await this.undo(); return; }
    try {
      await step.saved.undo();
      toast(t('js.desk.saved_undone'));
      this.reload();
    } catch (error) {
      toast(error.message, { tone: 'bad' });
    }
  }

  /** Let the map show what is so now. */
  reload() {
    this.lines.renew();
    this.onSaved();
  }

  refused(error) {
    const { status, body = {} } = error;
    const take = (geometry) => { put(this.saidBox); this.sketch.become(valueOf(geometry), 'suggestion'); };
    const isDrawn = this.state.task === 'new' || this.state.task === 'reshape';
    if (status === 409 && body.overlaps) {
        const half = this.state.task === 'new' && offers('halve') && body.halved ? () => this.change({ halve: body.halved.with }) : null;
      put(this.saidBox, overlapNotice(error, this.evidence, { suggested: isDrawn ? take : null, halved: half }));
    } else if (status === 412) this.stale(error);
    else if (body.place || body.repair) put(this.saidBox, faultNotice(error, this.evidence, { repaired: this.sketch.value ? take : null }));
    else put(this.saidBox, notice('bad', h('p', {}, error.message), status === 0 || status >= 500 ? h('button', { type: 'button', class: 'button button-small', onclick: () => (this.changes ? this.submit() : this.look()) }, t('js.retry')) : null));
    this.say(error.message);
    this.saidBox.scrollIntoView({ block: 'nearest' });
  }

  /** Somebody else was quicker: theirs and mine on the map, and mine may be made again on top of theirs. */
  stale(error) {
    const { current } = error.body;
    const code = current?.properties?.code;
    const seen = (zone) => { this.state = { ...this.state, zones: this.state.zones.map((each) => (each.code === code ? { ...each, version: versionIn(error.etag) ?? zone.version } : each)) }; };
    const mine = async () => {
      put(this.saidBox);
      this.evidence.clear();
      const zones = await Promise.all(this.state.zones.map((zone) => zoneOf(zone.code)));
      this.state = { ...this.state, zones: this.state.zones.map((each, index) => ({ ...each, version: zones[index].version })) };
      if (this.known) this.known = { ...this.known, etag: zones[0].etag };
      if (hasPreview(this.request())) { this.changes = null; await this.look(); } else await this.submit();
    };
    const theirs = this.state.task === 'reshape' && code === this.known?.code ? (now) => { seen(now); this.known = { ...this.known, etag: error.etag, geometry: now.geometry, properties: now.properties }; this.original = JSON.stringify(valueOf(now.geometry)); put(this.saidBox); this.sketch.become(valueOf(now.geometry), 'theirs'); } : null;
    put(this.saidBox, staleNotice(error, this.evidence, { theirs, mine }));
  }

  /** Keep what is not saved; tell whether there is something to keep. */
  keepDraft() {
    if (!this.state || !this.isOpen) return false;
    const corners = this.sketch.spots().length;
    const isWorth = this.state.task === 'reshape' ? this.state.isChanged : this.state.task === 'new' ? corners > 0 : this.state.zones.length > 0 && this.journal.at > 0;
    if (!isWorth) return false;
    const { street, ...state } = this.state;
    return drafts.keep(plain({ ...state, street: street && { code: street.code, name: street.name } }), this.facts?.draft() ?? null);
  }

  /** Go on with a draft; say so where what it is about has changed since. */
  async resume(key) {
    const draft = drafts.drafts().find((row) => row.key === key);
    if (!draft) return this.menu();
    this.pendingFacts = draft.facts;
    try {
      const zones = await Promise.all(draft.state.zones.map((zone) => zoneOf(zone.code)));
      this.facts = draft.state.task === 'new' ? new Facts(null, draft.facts, () => this.factsChanged()) : null;
      this.state = draft.state;
      await this.zonesCame(zones);
      this.become(draft.state);
      this.render();
      this.showAll();
      const older = zones.filter((zone, index) => zone.version !== draft.state.zones[index].version || zone.properties.valid_to);
      if (older.length) this.olderDraft(draft, older);
      this.say(t('js.desk.draft_here', { at: moment(draft.at) }));
    } catch (error) {
      drafts.discard(key);
      this.menu(notice('bad', error.message));
    }
    return null;
  }

  olderDraft(draft, older) {
    this.turn += 1;
    for (const zone of older) this.evidence.put(zone.geometry, 'theirs');
    const fresh = () => { drafts.discard(draft.key); this.begin(draft.state.task, older); };
    const mine = () => { put(this.saidBox); this.evidence.clear(); this.state = { ...this.state, zones: this.state.zones.map((each) => ({ ...each, version: older.find((zone) => zone.code === each.code)?.version ?? each.version })) }; this.changed(); this.follow(); };
    put(this.saidBox, notice('care', h('p', {}, t('js.desk.draft_stale', { name: older.map(titleOf).join('、'), at: moment(draft.at) })), h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'button', onclick: fresh }, t('js.desk.draft_fresh')), h('button', { type: 'button', class: 'button button-main', onclick: mine }, t('js.desk.draft_keep')))));
  }

  retireButton() {
    if (this.state.task !== 'reshape' || !this.known || this.known.properties.valid_to) return null;
    return h('button', { type: 'button', class: 'button button-warn', onclick: () => this.retire() }, t('js.desk.retire'));
  }

  /** Retire at once and offer the way back, instead of asking whether one is sure. */
  async retire() {
    const { code, etag, properties } = this.known;
    try {
      await call('DELETE', pathOf(code), { etag });
      drafts.discard(drafts.keyOf(this.state));
      const step = { before: null, after: null, saved: { undo: () => revive(code), redo: async () => call('DELETE', pathOf(code), { etag: (await call('GET', pathOf(code))).etag }) } };
      this.journal.clear();
      this.journal.add(step);
      this.state = null;
      closePanel();
      this.onSaved();
      toast(t('js.desk.retired', { name: titleOf(properties) }), { act: { label: t('js.undo'), run: () => this.takeBack(step) } });
    } catch (error) {
      this.refused(error);
    }
  }

  /** Bring all of it into the part of the map that nothing covers. */
  showAll() {
    if (this.sketch.value?.rings.length) this.view.show(this.hand.padding());
    else if (this.state?.zones.length) this.showZones();
    else if (this.state?.spot) this.map.setView([this.state.spot[1], this.state.spot[0]], Math.max(this.map.getZoom(), 18), { animate: false });
  }
}
