// Drawing a responsibility zone: create, edit, retire; every refusal comes with a way on, retiring with an undo.
import { call, get, newKey } from './api.js';
import { h, notice, put } from './dom.js';
import { lookup } from './lookup.js';
import { page, titleOf } from './page.js';
import { closePanel, openPanel } from './panel.js';
import { Pencil, sharpen } from './pencil.js';
import { Evidence, overlapNotice, staleNotice } from './refusal.js';
import { area, fault } from './shapes.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

let running = null;

/** Open the drawing of a new zone (`code` null) or of one that exists. */
export async function openDrawing(map, code, { onSaved }) {
  running?.end();
  try {
    await sharpen(map);
    const known = code ? await get(`/zones/${encodeURIComponent(code)}`) : null;
    running = new Drawing(map, known, onSaved);
  } catch (error) {
    toast(error.message, { tone: 'bad' });
  }
}

class Drawing {
  constructor(map, known, onSaved) {
    const props = known?.data.properties ?? {};
    Object.assign(this, { map, known: known?.data ?? null, etag: known?.etag ?? null, onSaved, key: newKey(), geometry: null });
    this.state = h('p', { class: 'draw-state', 'aria-live': 'polite' });
    this.said = h('div', {});
    this.fields = this.makeFields(props);
    this.evidence = new Evidence(map);
    openPanel(t('js.layer.zones'), known ? titleOf(props) : t('js.draw.title'), this.form());
    document.getElementById('panel').classList.add('panel-wide');
    document.body.dataset.mode = 'draw';
    document.addEventListener('panel-closed', this.closed = () => this.end());
    this.pencil = new Pencil(map, (geometry) => this.drawn(geometry));
    if (this.known) { this.pencil.take(this.known.geometry); this.pencil.show(); } else this.pencil.start();
  }

  makeFields(props) {
    const kinds = page.zone_kinds.map((row) => h('option', { value: row.code, selected: row.code === (props.kind ?? 'frontage') }, row.name));
    const input = (value, more = {}) => { const box = h('input', { class: 'input', maxlength: 120, ...more }); box.value = value ?? ''; return box; };
    const chosen = (code, name) => (code ? { code, name: name ?? code } : null);
    return {
      kind: h('select', { class: 'select', disabled: Boolean(this.known) }, kinds), name: input(props.name), code: input(props.code, { disabled: Boolean(this.known), placeholder: t('js.draw.code_hint') }),
      unit: lookup('units', t('js.draw.unit'), { chosen: chosen(props.unit, props.unit_name) }), parent: lookup('zones', t('js.draw.parent'), { chosen: chosen(props.parent, props.parent_name) }),
    };
  }

  form() {
    const { kind, name, code, unit, parent } = this.fields;
    const labelled = (label, field) => h('label', { class: 'field' }, h('span', { class: 'label' }, label), field);
    const small = (label, run) => h('button', { type: 'button', class: 'button button-small', onclick: run }, label);
    const retire = this.known && !this.known.properties.valid_to ? h('button', { type: 'button', class: 'button button-warn', onclick: () => this.retire() }, t('js.draw.retire')) : null;
    this.save = h('button', { class: 'button button-main', type: 'submit' }, t('js.draw.save'));
    return h('form', { class: 'report', onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      h('div', {}, this.state, h('div', { class: 'actions' }, small(t('js.draw.back'), () => this.pencil.back()), small(t('js.draw.again'), () => this.pencil.start()))),
      labelled(t('js.draw.kind'), kind), labelled(t('js.draw.name'), name), labelled(t('js.draw.code'), code), unit.element, parent.element,
      h('div', { class: 'send' }, this.said, h('div', { class: 'actions' }, this.save, retire)));
  }

  /** After each stroke: how large it is, or what is wrong with it. */
  drawn(geometry) {
    this.geometry = geometry;
    this.evidence.clear();
    document.getElementById('panel').classList.toggle('panel-low', !geometry);
    if (!geometry) {
      put(this.state, t('js.draw.how'));
      this.save.disabled = true;
      return;
    }
    const wrong = fault(geometry);
    put(this.state, wrong ? h('span', { class: 'status-overdue' }, t(wrong)) : h('strong', { class: 'number' }, t('js.draw.area', { m2: amount(area(geometry), 1) })));
    this.save.disabled = Boolean(wrong);
  }

  feature() {
    const { kind, name, code, unit, parent } = this.fields;
    const properties = { kind: kind.value, name: name.value.trim() || null, unit: unit.code, parent: parent.code };
    if (code.value.trim()) properties.code = code.value.trim();
    for (const kept of ['holder', 'valid_from', 'pledge_signed_on', 'pledge_expires_on']) {
      if (this.known?.properties[kept]) properties[kept] = this.known.properties[kept];
    }
    return { type: 'Feature', geometry: this.geometry, properties };
  }

  async submit() {
    const { unit, parent } = this.fields;
    if (unit.unfinished() || parent.unfinished()) return put(this.said, notice('bad', t('js.lookup.choose')));
    this.save.disabled = true;
    try {
      const { data } = await this.write();
      this.saved(data);
    } catch (error) {
      this.refused(error);
    }
    this.save.disabled = false;
    return null;
  }

  write() {
    const body = this.feature();
    if (this.known) return call('PUT', this.path(), { body, etag: this.etag });
    const said = JSON.stringify(body);
    if (this.lastSaid && this.lastSaid !== said) this.key = newKey();
    this.lastSaid = said;
    return call('POST', '/zones', { body, key: this.key });
  }

  path() {
    return `/zones/${encodeURIComponent(this.known.properties.code)}`;
  }

  refused(error) {
    if (error.status === 409 && error.body.overlaps) {
      return put(this.said, overlapNotice(error, this.evidence, (geometry) => { put(this.said); this.pencil.take(geometry); }));
    }
    if (error.status === 412) {
      const theirs = (current) => { this.etag = error.etag; this.known = current; put(this.said); this.pencil.take(current.geometry); };
      const mine = () => { this.etag = error.etag; put(this.said); this.submit(); };
      return put(this.said, staleNotice(error, this.evidence, { theirs, mine }));
    }
    return put(this.said, notice('bad', error.message));
  }

  saved(data) {
    const { code } = data.properties ?? {};
    toast(t('js.draw.saved', { name: titleOf(data.properties ?? {}) }), { act: code ? { label: t('js.draw.see'), run: () => location.assign(`/zones/${encodeURIComponent(code)}`) } : undefined });
    closePanel();
    this.onSaved();
  }

  /** Retire at once and offer the way back, instead of asking whether one is sure. */
  async retire() {
    try {
      const { etag } = await call('DELETE', this.path(), { etag: this.etag });
      const name = titleOf(this.known.properties);
      const path = this.path();
      const body = { ...this.feature(), geometry: this.known.geometry };
      body.properties.valid_to = null;
      closePanel();
      this.onSaved();
      toast(t('js.draw.retired', { name }), { act: { label: t('js.undo'), run: () => unretire(path, body, etag, this.onSaved) } });
    } catch (error) {
      this.refused(error);
    }
  }

  end() {
    document.removeEventListener('panel-closed', this.closed);
    delete document.body.dataset.mode;
    document.getElementById('panel').classList.remove('panel-low');
    this.pencil.remove();
    this.evidence.remove();
    if (running === this) running = null;
  }
}

async function unretire(path, body, etag, onSaved) {
  try {
    await call('PUT', path, { body, etag });
    toast(t('js.draw.unretired'));
    onSaved();
  } catch (error) {
    toast(error.message, { tone: 'bad' });
  }
}
