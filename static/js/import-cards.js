// The rows on a phone: a card per row, its problems first, all its cells behind a fold.
import { h, icon, put } from './dom.js';
import { columnsOf, worstOf } from './import-table.js';
import { keepingFocus, lookOf, markOf } from './import-looks.js';
import { faultOf, inputFor, problemsOf } from './import-problems.js';
import { t } from './texts.js';

function valueLine(row, column, acts) {
  const typed = column.field ? row.typed?.[column.field] : undefined;
  const text = typed ?? row.cells?.[column.at] ?? '';
  const fault = faultOf(row, column.field, column.heading);
  const host = h('dd', { class: fault ? `has-${fault}` : null });
  const show = () => put(host, fault ? markOf(fault, t(`js.import.severity.${fault}`)) : null, h('span', { class: 'imp-cell' }, text || '—'), change);
  const leave = () => { acts.typing(false); show(); change?.focus(); };
  const keep = (value) => { acts.typing(false); if (value.trim() === text) leave(); else { show(); acts.type(row, { [column.field]: value.trim() }); } };
  const open = () => {
    acts.typing(true);
    const input = inputFor({ kind: acts.kind, field: column.field, value: text, label: t('js.import.fix.value_of', { name: acts.fieldName(column.field), row: row.row }), keep, leave });
    put(host, input, h('button', { type: 'button', class: 'button button-main', onclick: () => keep(input.value) }, t('js.import.fix.keep')), h('button', { type: 'button', class: 'button button-plain', onclick: leave }, t('js.import.fix.leave')));
    input.focus();
  };
  const change = column.field && acts.canRepair ? h('button', { type: 'button', class: 'icon-button', 'data-key': `edit:${row.row}:${column.at}`, 'aria-label': t('js.import.fix.change_of', { name: column.heading, row: row.row }), onclick: open }, icon('pen')) : null;
  show();
  return [h('dt', {}, column.heading), host];
}

function card(row, columns, acts, isOpen) {
  const look = lookOf({ did: row.did, severity: worstOf(row) });
  const name = row.typed?.name ?? row.name ?? '';
  const href = acts.wayTo?.(row);
  const all = [columns.name, ...columns.others].filter(Boolean);
  const fold = h('details', { class: 'more', open: isOpen }, h('summary', { 'data-key': `cells:${row.row}` }, icon('chevron'), t('js.import.cells')), h('dl', { class: 'imp-card-cells' }));
  const fill = () => { const list = fold.querySelector('dl'); if (fold.open && !list.childElementCount) list.append(...all.flatMap((column) => valueLine(row, column, acts))); };
  fold.addEventListener('toggle', fill);
  if (isOpen) fill();
  const spot = Number.isFinite(row.lon) ? h('button', { type: 'button', class: 'icon-button', 'data-key': `spot:${row.row}`, 'aria-label': t('js.import.on_map', { name: name || row.row }), onclick: () => acts.choose(row.row, true) }, icon('map')) : null;
  return h('li', { class: `imp-card is-${look} ${row.row === acts.chosen ? 'is-chosen' : ''}`, 'data-row': row.row },
    h('div', { class: 'imp-card-head' }, h('span', { class: 'imp-did' }, markOf(look), t(`js.import.did.${row.did}`)), h('span', { class: 'quiet number' }, t('js.import.row', { row: row.row })), spot),
    h('strong', { class: 'imp-card-name' }, href ? h('a', { href }, name || row.row) : name || '—'), problemsOf(row, acts), fold);
}

/** Draw a page of rows as cards. */
export function drawCards(box, rows, layout, withLeft, acts) {
  const columns = columnsOf(layout, withLeft);
  const open = new Set([...box.querySelectorAll('.imp-card:has(details[open])')].map((one) => Number(one.dataset.row)));
  keepingFocus(box, () => put(box, h('ul', { class: 'imp-cards' }, rows.map((row) => card(row, columns, acts, open.has(row.row))))));
}
