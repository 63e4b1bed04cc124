// A sheet from below, in reach of the thumb: one question, its answers, and a way out.
import { h, icon, put } from './dom.js';
import { t } from './texts.js';

/** Open a sheet; `build(close)` returns its content. Resolves to what `close(value)` was called with, null when left. */
export function sheet(title, build, kind = '') {
  return new Promise((resolve) => {
    let value = null;
    const close = (said = null) => { value = said; box.close(); };
    const away = h('button', { type: 'button', class: 'icon-button', 'aria-label': t('walk.close'), onclick: () => close() }, icon('close'));
    const body = h('div', { class: 'walk-sheet-body' });
    const box = h('dialog', { class: `walk-sheet ${kind}`, 'aria-label': title, onclose: () => { box.remove(); resolve(value); } },
      h('header', { class: 'walk-sheet-head' }, h('h2', {}, title), away), body);
    box.addEventListener('click', (event) => { if (event.target === box) close(); });
    put(body, build(close));
    document.body.append(box);
    box.showModal();
  });
}

/** Ask with big buttons: `choices` [{value, label, kind}]. */
export const ask = (title, words, choices) => sheet(title, (close) => [
  [words].flat().map((line) => h('p', {}, line)),
  h('div', { class: 'walk-choices' }, choices.map(({ value, label, kind = '' }) => h('button', { type: 'button', class: `button button-wide ${kind}`, onclick: () => close(value) }, label)))]);
