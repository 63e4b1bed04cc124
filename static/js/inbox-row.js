// One row of the inbox: picture, what and where, its clock as a bar with words, one main button and the others behind it.
import { h, icon } from './dom.js';
import { keyOf } from './inbox-keys.js';
import { amount, moment, t } from './texts.js';

const MARK = { open: 'status-open', due_soon: 'clock', overdue: 'status-overdue' };

/** A clock: how much is used as a bar, what is left in words; the sign and the words say it without colour. */
function clock(bar) {
  if (!bar) return null;
  const share = Math.min(1, Math.max(0.02, bar.share));
  const line = bar.kind === 'rest' ? null : h('span', { class: 'clock-bar', 'aria-hidden': 'true' }, h('span', { style: `width:${(share * 100).toFixed(0)}%` }));
  return h('div', { class: `clock clock-${bar.status}`, title: bar.until ? moment(bar.until) : null }, h('span', { class: 'clock-words' }, icon(bar.kind === 'rest' ? 'pause' : MARK[bar.status]), bar.words), line);
}

function picture(row) {
  if (!row.photo) return h('span', { class: 'wait-picture is-none', 'aria-hidden': 'true' }, icon('camera'));
  return h('img', { class: 'wait-picture', src: `/api/v1/photos/${row.photo}?size=small`, alt: t('js.inbox.picture', { name: row.class_name }), loading: 'lazy', width: 96, height: 72 });
}

function verbs(row, inbox) {
  const [main, ...others] = row.verbs;
  const button = (verb, more = '') => h('button', { type: 'button', class: `button ${more}`, 'data-do': verb, 'aria-keyshortcuts': keyOf(verb), onclick: () => inbox.act(row, verb) }, t(`js.bulk.verb_${verb}`), h('kbd', { 'aria-hidden': 'true' }, keyOf(verb)));
  const open = h('a', { class: `button ${main ? '' : 'button-main'}`, href: `/issues/${encodeURIComponent(row.issue_no)}` }, t('js.inbox.open'));
  if (!main) return h('div', { class: 'wait-do' }, open);
  const menu = h('details', { class: 'menu' }, h('summary', { class: 'button', 'aria-label': t('js.inbox.others', { no: row.issue_no }) }, icon('dots')),
    h('div', { class: 'menu-sheet' }, others.map((verb) => button(verb, 'button-plain')), h('a', { href: `/issues/${encodeURIComponent(row.issue_no)}` }, t('js.inbox.open')), h('a', { href: `/?show=issues/${encodeURIComponent(row.issue_no)}` }, icon('map'), t('js.inbox.on_map'))));
  return h('div', { class: 'wait-do' }, button(main, 'button-main'), menu);
}

/** Make the element of a row. */
export function rowOf(row, inbox) {
  const away = row.distance_m === undefined || row.distance_m === null ? null : h('span', { class: 'chip' }, t('js.inbox.away', { m: amount(row.distance_m) }));
  const late = row.stage && row.bar && row.stage.status === 'overdue' ? h('span', { class: 'chip chip-late' }, icon('status-overdue'), row.stage.words) : null;
  const element = h('li', { class: `wait-row is-${(row.bar ?? row.stage)?.status ?? 'open'}`, tabindex: 0, 'data-no': row.issue_no },
    h('label', { class: 'wait-check' }, h('input', { type: 'checkbox', 'aria-label': t('js.inbox.choose', { no: row.issue_no }), onchange: (event) => inbox.choose(row.issue_no, event.target.checked) })),
    picture(row),
    h('a', { class: 'wait-what', href: `/issues/${encodeURIComponent(row.issue_no)}` }, h('b', { class: 'wait-name' }, row.class_name),
      h('span', { class: 'wait-place' }, h('strong', {}, row.place), row.place ? ' ' : null, row.description),
      h('span', { class: 'wait-facts quiet' }, h('span', { class: 'number' }, row.issue_no), row.unit_name ? h('span', {}, row.unit_name) : null, inbox.queue?.filters.state === row.state ? null : h('span', {}, row.state_name)),
      row.marks.length || late || away ? h('span', { class: 'wait-marks' }, away, late, row.marks.map((words) => h('span', { class: 'chip' }, words))) : null),
    h('div', { class: 'wait-clock' }, clock(row.bar ?? row.stage) ?? h('span', { class: 'quiet' }, moment(row.since ?? row.reported_at))),
    verbs(row, inbox));
  element.addEventListener('focusin', () => { if (inbox.at !== row.issue_no) { inbox.at = row.issue_no; inbox.mark(); } });
  return element;
}
