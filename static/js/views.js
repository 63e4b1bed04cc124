// Views with a name: a few that suit the role, and those the reader keeps in this browser.
import { h, put } from './dom.js';
import { page } from './page.js';
import { state } from './state.js';
import { lang, t } from './texts.js';
import { toast } from './toast.js';

const SHELF = 'civmap.views';
const MOST = 12;
const ALL = 'points,segments,zones,issues';
const todays = () => new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'Asia/Shanghai' }).format(new Date());
const mine = () => (page.user?.unit ? `&unit=${encodeURIComponent(page.user.unit)}` : '');

const VIEWS = {
  overdue: () => `layers=${ALL}&status=overdue`,
  due: () => `layers=${ALL}&status=overdue,due_soon`,
  own: () => `layers=${ALL}${mine()}&list=issues`,
  own_due: () => `layers=${ALL}${mine()}&status=overdue,due_soon&list=issues`,
  to_acknowledge: () => `layers=issues&state=dispatched${mine()}&list=issues`,
  to_file: () => 'layers=issues&state=reported,verifying&list=issues',
  to_dispatch: () => 'layers=issues&state=filed,returned&list=issues',
  to_check: () => 'layers=issues&state=resolved&list=issues',
  today: () => `layers=points,issues&state=all&from=${todays()}&to=${todays()}`,
};
const OF_ROLE = {
  admin: ['to_file', 'to_dispatch', 'overdue', 'today'], dispatcher: ['to_file', 'to_dispatch', 'overdue', 'today'],
  inspector: ['to_check', 'today', 'overdue'], unit_handler: ['own', 'own_due', 'to_acknowledge'], unit_head: ['own_due', 'own'],
  leader: ['overdue', 'due', 'today'], discipline: ['overdue'], subdistrict_clerk: ['due', 'to_check', 'today'],
  grid_member: ['due', 'today'], road_chief: ['due', 'today'], industry_lead: ['overdue', 'today'], shop: ['own'],
};

function kept() {
  try {
    const rows = JSON.parse(localStorage.getItem(SHELF) ?? '[]');
    return Array.isArray(rows) ? rows.filter((row) => typeof row?.name === 'string' && typeof row?.search === 'string') : [];
  } catch {
    return [];
  }
}

function keep(rows) {
  try {
    localStorage.setItem(SHELF, JSON.stringify(rows.slice(0, MOST)));
    return true;
  } catch {
    toast(t('js.views.not_kept'), { tone: 'bad' });
    return false;
  }
}

function remove(name, redraw) {
  const before = kept();
  keep(before.filter((row) => row.name !== name));
  redraw();
  toast(t('js.views.removed', { name }), { act: { label: t('js.undo'), run: () => { keep(before); redraw(); } } });
}

function saving(redraw) {
  const name = h('input', { class: 'input', maxlength: 40, required: true, 'aria-label': t('js.views.name'), placeholder: t('js.views.name') });
  const save = () => {
    const written = name.value.trim();
    if (!written) return name.focus();
    const search = state.address().split('?')[1] ?? '';
    if (keep([{ name: written, search, lang }, ...kept().filter((row) => row.name !== written)])) { redraw(); toast(t('js.views.saved', { name: written })); }
    return null;
  };
  name.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') { event.preventDefault(); save(); }
    if (event.key === 'Escape') { event.stopPropagation(); redraw(); }
  });
  return { row: h('div', { class: 'view-save' }, name, h('button', { type: 'button', class: 'button button-small button-main', onclick: save }, t('js.views.save'))), name };
}

/** Make the row of views for the filter card. */
export function viewsRow() {
  const box = h('section', { class: 'views', 'aria-label': t('js.views.title') });
  function draw() {
    const own = kept().map((row) => h('span', { class: 'view-own' },
      h('button', { type: 'button', class: 'view', onclick: () => state.goTo(row.search) }, row.name),
      h('button', { type: 'button', class: 'view-away', 'aria-label': t('js.views.remove', { name: row.name }), onclick: () => remove(row.name, draw) }, '×')));
    const ready = (OF_ROLE[page.user?.role] ?? ['overdue']).map((name) => h('button', { type: 'button', class: 'view', 'data-view': name, onclick: () => state.goTo(VIEWS[name]()) }, t(`js.views.${name}`)));
    const add = h('button', { type: 'button', class: 'view view-add', onclick: () => { const { row, name } = saving(draw); add.replaceWith(row); name.focus(); } }, t('js.views.add'));
    put(box, h('h3', {}, t('js.views.title')), h('div', { class: 'view-row' }, ready, own, add));
  }
  draw();
  return box;
}
