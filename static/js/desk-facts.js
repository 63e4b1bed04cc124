// The facts of a zone beside its outline: kind, name, code, who is responsible, what it belongs to.
import { h } from './dom.js';
import { lookup } from './lookup.js';
import { page } from './page.js';
import { t } from './texts.js';

const KEPT = ['holder', 'holder_phone', 'valid_from', 'valid_to', 'segment', 'side', 'depth_rule', 'depth_m', 'door_no', 'households', 'pledge_no', 'pledge_signed_on', 'pledge_expires_on', 'adopting_unit'];
const chosen = (code, name) => (code ? { code, name: name ?? code } : null);

export class Facts {
  /** `known` are the properties of a zone that exists, `draft` what was filled in before; `onChange` after each change. */
  constructor(known, draft, onChange) {
    const props = { ...known, ...draft };
    this.known = known;
    const input = (name, more = {}) => { const box = h('input', { class: 'input', maxlength: 120, name, autocomplete: 'off', ...more }); box.value = props[name] ?? ''; return box; };
    this.kind = h('select', { class: 'select', name: 'kind', disabled: Boolean(known) }, (page.zone_kinds ?? []).map((row) => h('option', { value: row.code, selected: row.code === (props.kind ?? 'frontage') }, row.name)));
    this.name = input('name');
    this.code = input('code', { disabled: Boolean(known), placeholder: t('js.desk.code_hint') });
    this.unit = lookup('units', t('js.desk.unit'), { chosen: chosen(props.unit, props.unit_name), onPick: onChange });
    this.parent = lookup('zones', t('js.desk.parent'), { chosen: chosen(props.parent, props.parent_name), onPick: onChange });
    const labelled = (label, field) => h('label', { class: 'field' }, h('span', { class: 'label' }, label), field);
    this.element = h('details', { class: 'desk-facts', open: !known }, h('summary', {}, t('js.desk.facts')),
      h('div', { class: 'desk-fields' }, labelled(t('js.desk.kind'), this.kind), labelled(t('js.desk.name'), this.name), labelled(t('js.desk.code'), this.code), this.unit.element, this.parent.element));
    this.element.addEventListener('input', onChange);
    this.first = JSON.stringify(this.values());
  }

  get isUnfinished() { return this.unit.unfinished() || this.parent.unfinished(); }

  get isChanged() { return JSON.stringify(this.values()) !== this.first; }

  values() {
    return { kind: this.kind.value, name: this.name.value.trim() || null, code: this.code.value.trim() || null, unit: this.unit.code, parent: this.parent.code };
  }

  /** What a draft keeps: the values with the names that the lookups show. */
  draft() {
    return { ...this.values(), unit_name: this.unit.element.querySelector('input').value, parent_name: this.parent.element.querySelector('input').value };
  }

  feature(geometry) {
    const { code, ...properties } = this.values();
    if (code) properties.code = code;
    for (const name of KEPT) if (this.known?.[name]) properties[name] = this.known[name];
    return { type: 'Feature', geometry, properties };
  }
}
