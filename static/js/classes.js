// The class of an issue in two taps: group, then class; or by typing part of its name.
import { h, put } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const groups = () => [...new Set(page.issue_classes.map((row) => row.group))];

/** Make the picker; `onPick(row)` gets `{code, name, group}`, or null when the choice is taken back. */
export function classPicker(onPick) {
  const box = h('div', { class: 'picker' });
  const choose = (row) => { onPick(row); row ? chosen(row) : start(); };

  function chosen(row) {
    const again = h('button', { type: 'button', class: 'button button-small', onclick: () => choose(null) }, t('js.class.change'));
    put(box, h('div', { class: 'picked' }, h('div', {}, h('strong', {}, row.name), h('div', { class: 'quiet' }, row.group)), again));
  }

  function tiles(rows, act, back) {
    return h('div', { class: 'tiles' }, rows.map((row) => h('button', { type: 'button', class: 'tile', onclick: () => act(row) }, row.name ?? row)), back);
  }

  function inGroup(group) {
    const rows = page.issue_classes.filter((row) => row.group === group);
    const back = h('button', { type: 'button', class: 'tile tile-back', onclick: start }, t('js.class.back'));
    put(box, h('p', { class: 'quiet' }, group), tiles(rows, choose, back));
    box.querySelector('.tile').focus();
  }

  function start() {
    const list = h('div', {}, tiles(groups(), inGroup));
    const search = h('input', { class: 'input', type: 'search', placeholder: t('js.class.search'), 'aria-label': t('js.class.search'), oninput: () => {
      const text = search.value.trim().toLowerCase();
      const rows = page.issue_classes.filter((row) => `${row.name} ${row.code}`.toLowerCase().includes(text)).slice(0, 12);
      put(list, text ? (rows.length ? tiles(rows, choose) : h('p', { class: 'quiet' }, t('js.class.nothing', { text }))) : tiles(groups(), inGroup));
    } });
    put(box, search, list);
  }

  start();
  return box;
}
