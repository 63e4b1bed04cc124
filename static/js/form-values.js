// The values of a form as properties of a feature, both ways; each field of the page says by data-how what it holds.
import { lookup } from './lookup.js';

const parts = (field) => [...field.querySelectorAll('.chief-row')];
const text = (input) => input.value.trim() || null;

const READ = {
  check: (field) => field.querySelector('input').checked,
  number: (field) => { const { value } = field.querySelector('input'); return value === '' ? null : Number(value); },
  many: (field) => [...field.querySelectorAll('input:checked')].map((box) => box.value),
  chiefs: (field) => parts(field).map((row) => ({ level: Number(row.dataset.level), ...Object.fromEntries([...row.querySelectorAll('[data-part]')].map((input) => [input.dataset.part, text(input)])) })).filter((chief) => chief.name),
  unit: (field) => field.lookup.code,
  zone: (field) => field.lookup.code,
};

function writeLookup(field, value, names) {
  const fresh = mountLookup(field.querySelector('[data-lookup]'), value, names[`${field.dataset.field}_name`] ?? value);
  field.lookup = fresh;
}

const WRITE = {
  check: (field, value) => { field.querySelector('input').checked = Boolean(value); },
  many: (field, value) => { for (const box of field.querySelectorAll('input')) box.checked = (value ?? []).includes(box.value); },
  chiefs: (field, value) => { for (const row of parts(field)) { const chief = (value ?? []).find((one) => one.level === Number(row.dataset.level)) ?? {}; for (const input of row.querySelectorAll('[data-part]')) input.value = chief[input.dataset.part] ?? ''; } },
  unit: writeLookup,
  zone: writeLookup,
};

function mountLookup(holder, code, name) {
  const made = lookup(holder.dataset.lookup, holder.dataset.label, { chosen: code ? { code, name: name || code } : null, onPick: () => holder.dispatchEvent(new Event('input', { bubbles: true })) });
  holder.replaceChildren(made.element);
  return made;
}

/** Give each lookup its field. */
export function mountLookups(form) {
  for (const field of form.querySelectorAll('[data-how=unit], [data-how=zone]')) {
    const holder = field.querySelector('[data-lookup]');
    field.lookup = mountLookup(holder, holder.dataset.code, holder.dataset.name);
  }
}

const fieldsOf = (form) => [...form.querySelectorAll('[data-how]')];

/** Read all fields: `{name: value}`, nothing entered as null. */
export function readValues(form) {
  return Object.fromEntries(fieldsOf(form).map((field) => {
    const read = READ[field.dataset.how] ?? ((each) => text(each.querySelector('input, select, textarea')));
    return [field.dataset.field, read(field)];
  }));
}

/** Write values into their fields; `names` tells how the codes of units and zones are called. */
export function writeValues(form, values, names = values) {
  for (const field of fieldsOf(form)) {
    const { field: name, how } = field.dataset;
    if (!(name in values)) continue;
    const write = WRITE[how] ?? ((each, value) => { each.querySelector('input, select, textarea').value = value ?? ''; });
    write(field, values[name], names);
  }
}

/** Return the fields whose words in a lookup name nothing yet. */
export const unfinished = (form) => fieldsOf(form).filter((field) => field.lookup?.unfinished());

/** Return how a field is called on the page. */
export function labelOf(form, name) {
  const field = form.querySelector(`[data-field="${name}"]`);
  const label = field?.querySelector('.label') ?? field?.querySelector('label, h2');
  return (field?.querySelector('[data-lookup]')?.dataset.label ?? label?.firstChild?.textContent ?? name).trim();
}

/** Say a value as the page shows it. */
export function sayValue(form, name, value, names = {}) {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length)) return '—';
  const field = form.querySelector(`[data-field="${name}"]`);
  if (names[`${name}_name`]) return names[`${name}_name`];
  const option = field?.querySelector(`option[value="${CSS.escape(String(value))}"]`);
  if (option) return option.textContent;
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'object' ? [one.name, one.phone].filter(Boolean).join(' ') : one)).join('、');
  return typeof value === 'boolean' ? (value ? '✓' : '—') : String(value);
}
