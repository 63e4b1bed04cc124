// Single keys for what is done often, told by `?`; they rest while one writes, and can be switched off.
import { $, h } from './dom.js';
import { showList } from './drawer.js';
import { showFilters } from './filters.js';
import { state } from './state.js';
import { t } from './texts.js';

const SWITCH = 'civmap.keys';
const isOn = () => { try { return localStorage.getItem(SWITCH) !== 'off'; } catch { return true; } };
const press = (id) => $(id)?.click();

const KEYS = {
  '/': ['find', () => $('find')?.focus()], f: ['filter', () => showFilters($('filters').hidden)], l: ['list', () => showList(state.get('list') ? '' : 'points')],
  s: ['select', () => press('select-open')], c: ['link', () => press('copy-link')], h: ['home', () => press('zoom-home')], '?': ['help', () => help()],
};
const TOLD = [['← ↑ → ↓', 'pan'], ['+ −', 'zoom'], ['Tab', 'tab'], ['Enter', 'enter'], ['Space', 'space'], ['Shift', 'shift'], ['Esc', 'escape']];

function help() {
  const toggle = h('input', { type: 'checkbox', checked: isOn(), onchange: (event) => { try { localStorage.setItem(SWITCH, event.target.checked ? 'on' : 'off'); } catch { /* then they stay on */ } } });
  const rows = [...Object.entries(KEYS).map(([key, [name]]) => [key, name]), ...TOLD];
  const box = h('dialog', { class: 'keys card', 'aria-labelledby': 'keys-title' }, h('h2', { id: 'keys-title' }, t('js.keys.title')),
    h('dl', {}, rows.map(([key, name]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, t(`js.keys.${name}`))])), h('label', { class: 'check' }, toggle, t('js.keys.on')),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: () => box.close() }, t('js.close'))));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

/** Wire the keys of the map page. */
export function wireShortcuts() {
  $('keys-open')?.addEventListener('click', help);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !$('filters').hidden && $('panel').hidden && !document.querySelector('dialog[open]')) { showFilters(false); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector('dialog[open]') || event.target.closest('input, textarea, select, [contenteditable]')) return;
    const key = KEYS[event.key];
    if (!key || (!isOn() && event.key !== '?')) return;
    event.preventDefault();
    key[1]();
  });
}
