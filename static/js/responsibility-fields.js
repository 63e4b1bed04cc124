// The fields of the cascade: its rules as a list that is dragged or moved by keys, reaches in metres, frontage classes.
import { $, h, put } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const REACHES = [['nearest_m', 20000, 1], ['segment_beside_m', 200, 0.5], ['segment_default_m', 200, 0.5], ['margin_m', 50, 0.1], ['margin_most_m', 50, 0.1], ['tie_m', 1, 0.001]];

/** Show the rules; `draft.order` holds those that are on, rules that are off stand behind them. */
export function showOrder(list, draft, saved, rules, canEdit, changed) {
  const all = () => [...draft.order, ...rules.filter((name) => !draft.order.includes(name))];
  let dragged = null;

  function move(name, place, focus) {
    const rest = draft.order.filter((one) => one !== name);
    rest.splice(Math.max(0, Math.min(place, rest.length)), 0, name);
    draft.order = rest;
    draw();
    changed();
    if (focus) list.querySelector(`[data-rule="${name}"] [data-do="${focus}"]:not(:disabled)`)?.focus();
  }

  function turn(name) {
    draft.order = draft.order.includes(name) ? draft.order.filter((one) => one !== name) : [...draft.order, name];
    draw();
    changed();
    list.querySelector(`[data-rule="${name}"] [data-do="turn"]`)?.focus();
  }

  function tool(what, sign, name, disabled, act) {
    const label = t(`js.cascade.${what}`, { name: t(`js.cascade.basis.${name}`) });
    return h('button', { type: 'button', class: 'button button-plain', 'data-do': what, 'aria-label': label, title: label, disabled, onclick: act }, sign);
  }

  function tools(name, place, isOn) {
    return h('span', { class: 'rule-tools' },
      tool('up', '↑', name, !isOn || place === 0, () => move(name, place - 1, 'up')),
      tool('down', '↓', name, !isOn || place === draft.order.length - 1, () => move(name, place + 1, 'down')),
      tool('turn', isOn ? '✓' : '✕', name, false, () => turn(name)));
  }

  function drag(item, name, place) {
    item.addEventListener('dragstart', (event) => { dragged = name; event.dataTransfer.effectAllowed = 'move'; item.classList.add('is-dragged'); });
    item.addEventListener('dragend', () => { dragged = null; draw(); });
    item.addEventListener('dragover', (event) => { if (dragged) { event.preventDefault(); item.classList.add('is-over'); } });
    item.addEventListener('dragleave', () => item.classList.remove('is-over'));
    item.addEventListener('drop', (event) => { event.preventDefault(); if (dragged && dragged !== name) move(dragged, place); });
  }

  function row(name, place) {
    const isOn = draft.order.includes(name);
    const item = h('li', { 'data-rule': name, draggable: canEdit && isOn ? 'true' : null, class: [isOn ? '' : 'is-off', saved.order.indexOf(name) === draft.order.indexOf(name) ? '' : 'is-moved'].join(' ') },
      h('span', {}, h('span', { class: 'rule-name' }, t(`js.cascade.basis.${name}`)), isOn ? null : h('span', { class: 'chip' }, t('js.cascade.off')), h('span', { class: 'rule-words' }, t(`js.cascade.words.${name}`))),
      canEdit ? tools(name, place, isOn) : null);
    if (canEdit && isOn) drag(item, name, place);
    return item;
  }

  const draw = () => put(list, all().map(row));
  draw();
}

/** Show the reaches; an empty or impossible number stays in the field and is said by the server. */
export function showReach(box, draft, saved, canEdit, changed) {
  put(box, REACHES.map(([name, most, step]) => {
    const input = h('input', { class: 'input number', type: 'number', inputmode: 'decimal', min: 0, max: most, step, value: draft.reach[name], name, disabled: !canEdit });
    const field = h('label', { class: 'field' }, h('span', { class: 'label' }, t(`js.cascade.reach.${name}`)), input);
    input.addEventListener('input', () => {
      draft.reach[name] = input.value === '' ? null : Number(input.value);
      field.classList.toggle('is-changed', draft.reach[name] !== saved.reach[name]);
      changed();
    });
    return field;
  }));
}

/** Show which classes a frontage holder answers for. */
export function showFrontage(box, draft, canEdit, changed) {
  const tell = () => {
    const names = page.classes.filter(({ code }) => draft.frontage_classes.includes(code)).map(({ name }) => name);
    put($('frontage-count'), names.length);
    put($('frontage-now'), names.join(' · ') || t('js.cascade.no_class'));
  };
  put(box, page.classes.map(({ code, name }) => {
    const tick = h('input', { type: 'checkbox', value: code, checked: draft.frontage_classes.includes(code), disabled: !canEdit });
    tick.addEventListener('change', () => {
      draft.frontage_classes = tick.checked ? [...draft.frontage_classes, code] : draft.frontage_classes.filter((one) => one !== code);
      tell();
      changed();
    });
    return h('label', { class: 'check' }, tick, name);
  }));
  tell();
}
