// A field for one or several of many: typing narrows, arrows move, Enter takes; what is taken stands below as chips.
import { debounce, h, put } from './dom.js';
import { t } from './texts.js';

let serial = 0;

/**
 * Make the field. `ask(text)` gives (or promises) `{items: [{code, name, detail, group, depth}], more}`; `nameOf(code)` names what is
 * taken; `only` are codes that stand for themselves (“all”); `onChange(codes)` is called after each change by the reader.
 */
export function choiceField({ name, label, ask, nameOf, only = [], hint = t('js.choice.any'), onChange }) {
  serial += 1;
  const id = `choice-${serial}`;
  const field = { name, codes: [] };
  const input = h('input', { class: 'input', type: 'text', autocomplete: 'off', spellcheck: 'false', role: 'combobox', 'aria-expanded': 'false', 'aria-autocomplete': 'list', 'aria-controls': `${id}-list`, placeholder: hint, id, 'data-filter': name });
  const list = h('ul', { class: 'choice-list card', id: `${id}-list`, role: 'listbox', 'aria-multiselectable': 'true', 'aria-label': label, hidden: true });
  const taken = h('ul', { class: 'choice-taken', 'aria-label': t('js.choice.taken', { name: label }) });
  let rows = [];
  let at = -1;
  let turn = 0;

  const isOpen = () => !list.hidden;
  const open = (on) => {
    list.hidden = !on;
    input.setAttribute('aria-expanded', String(on));
    if (!on) { at = -1; input.removeAttribute('aria-activedescendant'); }
  };

  function move(to) {
    const options = [...list.querySelectorAll('[role=option]')];
    if (!options.length) return;
    at = (to + options.length) % options.length;
    options.forEach((option, index) => option.classList.toggle('at', index === at));
    input.setAttribute('aria-activedescendant', options[at].id);
    options[at].scrollIntoView({ block: 'nearest' });
  }

  function toggle(code) {
    const has = field.codes.includes(code);
    if (has) field.codes = field.codes.filter((each) => each !== code);
    else if (only.includes(code)) field.codes = [code];
    else field.codes = [...field.codes.filter((each) => !only.includes(each)), code];
    input.value = '';
    show();
    onChange(field.codes);
  }

  function option(row, index) {
    const chosen = field.codes.includes(row.code);
    return h('li', { role: 'option', id: `${id}-${index}`, 'aria-selected': String(chosen), class: row.depth ? 'deep' : null, 'data-code': row.code,
      onmousedown: (event) => event.preventDefault(), onclick: () => { toggle(row.code); look(); } }, h('span', { class: 'choice-name' }, row.name), row.detail ? h('span', { class: 'quiet' }, row.detail) : null);
  }

  function fill({ items, more }) {
    rows = items;
    let group = null;
    const made = [];
    items.forEach((row, index) => {
      if (row.group && row.group !== group) made.push(h('li', { class: 'choice-group', role: 'presentation' }, row.group));
      group = row.group;
      made.push(option(row, index));
    });
    if (!items.length) made.push(h('li', { class: 'quiet option-none', role: 'presentation' }, t('js.lookup.nothing')));
    if (more) made.push(h('li', { class: 'quiet option-none', role: 'presentation' }, t('js.choice.more')));
    put(list, made);
  }

  async function look() {
    turn += 1;
    const mine = turn;
    const before = at;
    try {
      const found = await ask(input.value.trim());
      if (mine !== turn || document.activeElement !== input) return;
      fill(found);
    } catch (error) {
      if (mine === turn) put(list, h('li', { class: 'status-overdue option-none' }, error.message));
    }
    open(true);
    if (before >= 0 && rows.length) move(Math.min(before, rows.length - 1));
    else if (input.value.trim() && rows.length) move(0);
  }

  function show() {
    put(taken, field.codes.map((code) => h('li', {}, h('button', { type: 'button', 'aria-label': t('js.filter.remove', { name: nameOf(code) }), onclick: () => { toggle(code); input.focus(); } }, nameOf(code)))));
    taken.hidden = !field.codes.length;
  }

  input.addEventListener('input', debounce(look, 160));
  input.addEventListener('focus', look);
  input.addEventListener('click', () => { if (!isOpen()) look(); });
  input.addEventListener('blur', () => { turn += 1; open(false); input.value = ''; });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); if (isOpen()) move(at + 1); else look(); }
    if (event.key === 'ArrowUp' && isOpen()) { event.preventDefault(); move(at - 1); }
    if (event.key === 'Enter') { event.preventDefault(); if (isOpen() && rows[at]) { toggle(rows[at].code); look(); } }
    if (event.key === 'Escape' && isOpen()) { event.stopPropagation(); event.preventDefault(); open(false); }
    if (event.key === 'Backspace' && !input.value && field.codes.length) toggle(field.codes.at(-1));
  });

  field.set = (codes) => { field.codes = [...codes]; show(); };
  field.element = h('div', { class: 'field choice-field' }, h('label', { class: 'label', for: id }, label), h('div', { class: 'choice-box' }, input, list), taken);
  show();
  return field;
}

/** Answer a choice from a list that is already here. */
export function among(rows) {
  return (text) => {
    const low = text.toLowerCase();
    return { items: rows.filter((row) => `${row.name} ${row.code} ${row.group ?? ''}`.toLowerCase().includes(low)), more: false };
  };
}
