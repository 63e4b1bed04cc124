// The rows as a table: the first two columns stay in view, arrow keys go from cell to cell, Enter or a double click types in one.
import { h, put } from './dom.js';
import { keepingFocus, lookOf, markOf } from './import-looks.js';
import { faultOf, inputFor, problemsOf } from './import-problems.js';
import { t } from './texts.js';

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Return the columns to show: the name first, what goes into no field last or not at all. */
export function columnsOf(layout, withLeft) {
  const all = (layout?.headings ?? []).map((one, at) => ({ ...one, at }));
  const name = all.find((one) => one.field === 'name');
  const used = all.filter((one) => one.field && one !== name);
  const left = all.filter((one) => !one.field && one.heading);
  return { name, others: [...used, ...(withLeft || !used.length ? left : [])], left: left.length };
}

function cell(row, column, acts) {
  const fault = faultOf(row, column.field, column.heading);
  const typed = column.field ? row.typed?.[column.field] : undefined;
  const text = typed ?? row.cells?.[column.at] ?? '';
  const sign = fault ? markOf(fault, t(`js.import.severity.${fault}`)) : null;
  return h('td', { tabindex: -1, class: [fault ? `has-${fault}` : '', typed === undefined ? '' : 'is-typed', column.field ? '' : 'is-left'].join(' ').trim() || null, 'data-key': `cell:${row.row}.${row.part ?? 1}:${column.at}`, 'data-row': row.row, 'data-field': column.field ?? null, 'data-value': text, title: text.length > 24 ? text : null },
    sign, h('span', { class: 'imp-cell' }, text || (fault ? h('span', { class: 'quiet' }, t('js.import.blank_cell')) : '')));
}

function rowParts(row, columns, acts) {
  const look = lookOf({ did: row.did, severity: worstOf(row) });
  const name = row.typed?.name ?? row.name ?? (columns.name ? row.cells?.[columns.name.at] : '');
  const didWords = t(`js.import.did.${row.did}`);
  const href = acts.wayTo?.(row);
  const called = href ? h('a', { href, tabindex: -1 }, name || row.row) : h('span', { class: 'imp-cell' }, name || '—');
  const fault = columns.name ? faultOf(row, 'name', columns.name.heading) : null;
  const line = h('tr', { class: `imp-row is-${look} ${row.row === acts.chosen ? 'is-chosen' : ''}`, 'data-row': row.row, 'aria-current': row.row === acts.chosen ? 'true' : null },
    h('th', { scope: 'row', class: 'imp-no', tabindex: -1, 'data-key': `no:${row.row}.${row.part ?? 1}`, 'data-row': row.row }, h('span', { class: 'number' }, row.part > 1 ? `${row.row}·${row.part}` : row.row), h('span', { class: 'imp-did' }, markOf(look), didWords)),
    h('td', { class: `imp-name ${fault ? `has-${fault}` : ''}`, tabindex: -1, 'data-key': `name:${row.row}.${row.part ?? 1}`, 'data-row': row.row, 'data-field': columns.name ? 'name' : null, 'data-value': name, title: name }, called),
    columns.others.map((column) => cell(row, column, acts)));
  const said = problemsOf(row, acts);
  const under = said ? h('tr', { class: `imp-under ${row.row === acts.chosen ? 'is-chosen' : ''}`, 'data-row': row.row }, h('td', { colspan: columns.others.length + 2 }, h('div', { class: 'imp-under-words' }, said))) : null;
  return [line, under];
}

/** Return the worst severity of a row that is still open. */
export const worstOf = (row) => {
  const open = (row.problems ?? []).filter((one) => !one.accepted);
  return open.some((one) => one.severity !== 'warning') ? 'error' : open.length ? 'warning' : null;
};

/** Type into a cell in its place; what is under the hand is never drawn over. */
function edit(td, row, acts) {
  const { field, value } = td.dataset;
  if (!field || !acts.canRepair || td.querySelector('input')) return;
  const kept = [...td.childNodes];
  let isDone = false;
  const end = (then) => {
    if (isDone) return;
    isDone = true;
    td.replaceChildren(...kept);
    acts.typing(false);
    then?.();
    if (td.isConnected && (document.activeElement === document.body || !document.activeElement)) td.focus();
  };
  const keep = (text) => end(() => { if (text.trim() !== value) acts.type(row, { [field]: text.trim() }); });
  const input = inputFor({ kind: acts.kind, field, value, label: t('js.import.fix.value_of', { name: acts.fieldName(field), row: row.row }), keep, leave: () => end() });
  input.addEventListener('blur', () => keep(input.value));
  acts.typing(true);
  td.replaceChildren(input);
  input.focus();
  input.select();
}

function wireKeys(table, rowOf, acts) {
  const cells = () => [...table.querySelectorAll('tbody .imp-row')].map((line) => [...line.children]);
  const focus = (target) => {
    table.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    target.setAttribute('tabindex', '0');
    target.focus();
    target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  table.addEventListener('keydown', (event) => {
    const td = event.target.closest('.imp-row > *');
    if (!td || event.target.matches('input')) return;
    if (event.key === 'Enter' || event.key === 'F2') {
      if (td.dataset.field && acts.canRepair) { event.preventDefault(); edit(td, rowOf(td), acts); }
      return;
    }
    const grid = cells();
    const line = grid.findIndex((parts) => parts.includes(td));
    const at = grid[line].indexOf(td);
    const move = MOVES[event.key] ?? { Home: [0, -at], End: [0, grid[line].length - 1 - at] }[event.key];
    if (!move) return;
    const target = grid[line + move[0]]?.[at + move[1]];
    if (!target) return;
    event.preventDefault();
    focus(target);
  });
  table.addEventListener('dblclick', ({ target }) => { const td = target.closest('td[data-field]'); if (td) edit(td, rowOf(td), acts); });
  table.addEventListener('click', ({ target }) => { const td = target.closest('.imp-row > *'); if (td && !target.closest('a, input')) { focus(td); acts.choose(Number(td.dataset.row)); } });
  table.addEventListener('focusin', ({ target }) => { const row = target.closest('[data-row]'); if (row && target.matches('.imp-row > *')) acts.choose(Number(row.dataset.row)); });
}

/** Draw a page of rows. */
export function drawTable(box, rows, layout, withLeft, acts) {
  const columns = columnsOf(layout, withLeft);
  const fieldOf = (column) => (column?.field ? h('span', { class: 'imp-field' }, acts.fieldName(column.field)) : h('span', { class: 'imp-field' }, t('js.import.not_taken')));
  const by = new Map(rows.map((row) => [row.row, row]));
  const left = box.querySelector('.imp-scroll')?.scrollLeft ?? 0;
  keepingFocus(box, () => {
    const table = h('table', { class: 'imp-table', role: 'grid', 'aria-label': t('js.import.rows_table'), 'aria-describedby': 'imp-keys' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'imp-no' }, t('js.import.row_no')), h('th', { scope: 'col', class: 'imp-name' }, columns.name?.heading ?? t('js.import.name'), columns.name ? fieldOf(columns.name) : null),
        columns.others.map((column) => h('th', { scope: 'col', class: column.field ? null : 'is-left' }, column.heading, fieldOf(column))))),
      h('tbody', {}, rows.map((row) => rowParts(row, columns, acts))));
    table.querySelector('tbody .imp-no')?.setAttribute('tabindex', '0');
    wireKeys(table, (td) => by.get(Number(td.dataset.row)), acts);
    put(box, acts.canRepair ? h('p', { class: 'quiet imp-keys', id: 'imp-keys' }, t('js.import.keys')) : h('p', { class: 'unseen', id: 'imp-keys' }, t('js.import.keys_read')), h('div', { class: 'imp-scroll', tabindex: -1 }, table));
  });
  const scroll = box.querySelector('.imp-scroll');
  scroll.scrollLeft = left;
  const measure = () => scroll.style.setProperty('--seen', `${scroll.clientWidth}px`);
  measure();
  new ResizeObserver(measure).observe(scroll);
}
