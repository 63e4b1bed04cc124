// A field that looks a unit or a zone up while one types; the choice is a code, the eye sees the name.
import { get, query, rowsOf } from './api.js';
import { debounce, h, put } from './dom.js';
import { kindName } from './page.js';
import { t } from './texts.js';

let serial = 0;

/** Beside the name: the kind where the page knows its name, else the code. */
function said(kind, row) {
  const name = kindName(kind, row.kind);
  return name && name !== row.kind ? name : row.code;
}

/** Make a lookup over `/units` or `/zones`; `extra()` gives more query values, `chosen` is `{code, name}` or null. */
export function lookup(kind, label, { chosen = null, extra = () => ({}), onPick = () => {} } = {}) {
  serial += 1;
  const id = `lookup-${serial}`;
  const field = { code: chosen?.code ?? null };
  const list = h('ul', { class: 'options card', id, role: 'listbox', hidden: true });
  const input = h('input', { class: 'input', type: 'text', autocomplete: 'off', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': id, placeholder: t('js.lookup.hint') });
  input.value = chosen ? chosen.name || chosen.code : '';
  const open = (on) => { list.hidden = !on; input.setAttribute('aria-expanded', String(on)); };
  const pick = (row) => { field.code = row.code; input.value = row.name || row.code; open(false); onPick(row); };

  const look = debounce(async () => {
    const text = input.value.trim();
    try {
      const { data } = await get(`/${kind}${query({ q: text, limit: 12, ...extra() })}`);
      const rows = rowsOf(data);
      put(list, rows.length ? rows.map(option) : h('li', { class: 'quiet option-none' }, t('js.lookup.nothing')));
    } catch (error) {
      put(list, h('li', { class: 'status-overdue option-none' }, error.message));
    }
    open(field.element.contains(document.activeElement));
  }, 220);

  function option(row) {
    const button = h('button', { type: 'button', role: 'option', tabindex: -1, onclick: () => pick(row) }, h('span', {}, row.name || row.code), h('span', { class: 'quiet' }, said(kind, row)));
    return h('li', {}, button);
  }

  input.addEventListener('input', () => { field.code = null; onPick(null); look(); });
  input.addEventListener('focus', () => { if (!field.code) look(); });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); list.querySelector('button')?.focus(); }
    if (event.key === 'Escape') { event.stopPropagation(); open(false); }
  });
  list.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); open(false); input.focus(); }
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (step) { event.preventDefault(); event.target.closest('li')[step]?.querySelector('button')?.focus(); }
  });
  // Where a tap focuses nothing (Safari), the click outside closes it.
  const left = (event) => { if (event.relatedTarget && !field.element.contains(event.relatedTarget)) open(false); };
  document.addEventListener('click', (event) => { if (!field.element.contains(event.target)) open(false); });
  field.element = h('div', { class: 'lookup' }, h('label', { class: 'field' }, h('span', { class: 'label' }, label), input), list);
  field.element.addEventListener('focusout', left);
  field.unfinished = () => Boolean(input.value.trim()) && !field.code;
  return field;
}
