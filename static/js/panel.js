// The panel beside the map (a sheet from below on a phone): one object's facts, its open issues, and who answers.
import { get, query, rowsOf } from './api.js';
import { $, facts, h, icon, notice, put } from './dom.js';
import { kindName, sortOf, stateName, titleOf } from './page.js';
import { placeSymbol } from './symbols.js';
import { amount, day, moment, t } from './texts.js';

const LINK = { points: 'point', segments: 'segment', zones: 'zone', units: 'unit' };
let turn = 0;
let before = null;
let onClose = () => {};
let onShow = null; // {kind, code, props, extra} of the object on show; null for forms and when closed

/** Open the panel with a heading and a body; `wide` for forms. Return the body element. */
export function openPanel(kind, title, ...content) {
  const panel = $('panel');
  turn += 1;
  onShow = null;
  if (panel.hidden) before = document.activeElement;
  panel.hidden = false;
  panel.classList.remove('panel-wide');
  document.body.classList.add('panel-open');
  $('panel-kind').textContent = kind;
  $('panel-title').textContent = title;
  put($('panel-body'), content);
  $('panel-body').scrollTop = 0;
  panel.focus({ preventScroll: true });
  return $('panel-body');
}

/** Close the panel and give the focus back. */
export function closePanel() {
  if ($('panel').hidden) return;
  turn += 1;
  onShow = null;
  $('panel').hidden = true;
  document.body.classList.remove('panel-open');
  before?.focus?.({ preventScroll: true });
  document.dispatchEvent(new Event('panel-closed'));
  onClose();
}

/** Wire closing by button and Escape; `closed` is called after each closing. */
export function wirePanel(closed) {
  onClose = closed;
  $('panel-close').addEventListener('click', closePanel);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.target.closest('input, textarea, select')) closePanel();
  });
}

function tally(props) {
  const cell = (value, label, tone) => h('div', { class: value ? `status-${tone}` : null }, h('b', { class: 'number' }, amount(value ?? 0)), h('span', { class: 'quiet' }, label));
  return h('div', { class: 'tally' }, cell(props.open_issues, t('js.panel.open'), 'open'), cell(props.due_soon_issues, t('js.panel.due_soon'), 'due_soon'), cell(props.overdue_issues, t('js.panel.overdue'), 'overdue'));
}

const yes = (flag) => (flag === undefined || flag === null ? '' : t(flag ? 'js.yes' : 'js.no'));
const span = (from, to) => (from || to ? `${day(from) || '…'} — ${day(to) || t('js.fact.now')}` : '');

function factPairs(kind, p) {
  const common = [[t('js.fact.code'), p.code], [t(`js.fact.type.${kind}`), kindName(kind, sortOf(kind, p))], [t('js.fact.address'), p.address], [t('js.fact.street'), p.street]];
  const more = {
    points: [[t('js.fact.declared'), yes(p.is_declared)], [t('js.fact.mandatory'), yes(p.is_mandatory)], [t('js.fact.hours'), p.open_hours]],
    segments: [[t('js.fact.from_to'), p.from_name || p.to_name ? `${p.from_name ?? ''} — ${p.to_name ?? ''}` : ''], [t('js.fact.length'), p.length_m ? t('js.metres', { m: amount(p.length_m) }) : ''],
      [t('js.fact.width'), p.width_m ? t('js.metres', { m: amount(p.width_m, 1) }) : ''], ...(p.chiefs ?? []).map((chief) => [t(`js.chief.${chief.level}`), [chief.name, chief.phone].filter(Boolean).join(' ')])],
    zones: [[t('js.fact.area'), p.area_m2 ? t('js.square_metres', { m2: amount(p.area_m2) }) : ''], [t('js.fact.parent'), p.parent_name ?? p.parent], [t('js.fact.holder'), [p.holder, p.holder_phone].filter(Boolean).join(' ')],
      [t('js.fact.valid'), span(p.valid_from, p.valid_to)], [t('js.fact.pledge'), p.pledge_signed_on ? span(p.pledge_signed_on, p.pledge_expires_on) : '']],
    units: [[t('js.fact.categories'), (p.categories ?? []).join('、')], [t('js.fact.parent'), p.parent_name ?? p.parent], [t('js.fact.phone'), p.phone]],
    issues: [[t('js.fact.state'), stateName(p.state)], [t('js.fact.reported'), moment(p.reported_at)], [t('js.fact.due'), moment(p.due_at)]],
  };
  return [...common, ...more[kind]];
}

/** A number that is shown whole can be called; a masked one only read. */
const callable = (phone) => (phone.includes('*') ? phone : h('a', { href: `tel:${phone.replaceAll(' ', '')}` }, phone));

function who(props) {
  const name = props.unit_name ?? props.unit?.name ?? props.unit;
  const phone = props.unit_phone ?? props.unit?.phone;
  const body = name
    ? [h('strong', {}, name), phone ? h('div', { class: 'number' }, icon('phone'), ' ', callable(phone)) : null]
    : h('span', { class: 'quiet' }, t('js.panel.nobody'));
  return h('section', { class: 'who' }, h('p', { class: 'quiet' }, t('js.panel.who')), body);
}

/** Make one line of a list of issues. */
export function issueLine(row) {
  const number = row.issue_no ?? row.code;
  const title = row.class_name || kindName('issues', row.class ?? row.kind) || number;
  return h('li', {}, h('a', { href: `/issues/${encodeURIComponent(number)}` }, placeSymbol(row.status ?? 'none', 0, 16), h('span', {}, title),
    h('span', { class: 'chip' }, stateName(row.state)), h('span', { class: 'quiet' }, [row.description, row.due_at ? t('js.panel.due_at', { at: moment(row.due_at) }) : ''].filter(Boolean).join(' · '))));
}

async function openIssues(kind, code) {
  const { data } = await get(`/issues${query({ [LINK[kind]]: code, open: 'true', limit: 20 })}`);
  const rows = rowsOf(data);
  if (!rows.length) return h('p', { class: 'empty' }, t('js.panel.no_issues'));
  return h('ul', { class: 'rows' }, rows.map(issueLine));
}

async function describe(kind, props) {
  const code = props.code ?? props.issue_no;
  const { data } = await get(`/${kind}/${encodeURIComponent(code)}`);
  const own = data.properties ?? data;
  return { ...props, ...own, code };
}

function blocks(kind, props, issues, more = []) {
  const page = h('a', { class: 'button', href: `/${kind}/${encodeURIComponent(props.code)}` }, t('js.panel.page'));
  const description = kind === 'issues' && props.description ? h('p', {}, props.description) : null;
  return [
    kind === 'issues' ? null : tally(props), description, who(props), facts(factPairs(kind, props)),
    issues ? h('section', {}, h('h3', {}, t('js.panel.issues')), issues) : null, h('div', { class: 'actions' }, page, more),
  ];
}

/** Show an object in the panel: at once what the map knows, then what the server adds. */
export async function showObject(kind, props, extra = () => []) {
  const code = props.code ?? props.issue_no;
  const title = kind === 'issues' ? kindName('issues', sortOf('issues', props)) || code : titleOf(props);
  const waiting = LINK[kind] ? h('p', { class: 'empty' }, h('span', { class: 'spinner' })) : null;
  const body = openPanel(t(`js.layer.${kind}`), title, blocks(kind, { ...props, code }, waiting));
  const mine = turn;
  const still = () => mine === turn;
  onShow = { kind, code: String(code), props, extra };
  try {
    const full = await describe(kind, props);
    const issues = LINK[kind] ? await openIssues(kind, code) : null;
    if (still()) put(body, blocks(kind, full, issues, extra(kind, full)));
  } catch (error) {
    const again = h('button', { class: 'button button-small', onclick: () => showObject(kind, props, extra) }, t('js.retry'));
    if (still()) put(body, blocks(kind, { ...props, code }, null), notice('bad', error.message, ' ', again));
  }
}

/** Return `{kind, code}` of the object on show; null where a form is open or nothing. */
export const shownObject = () => onShow && { kind: onShow.kind, code: onShow.code };

/** Fetch the facts on show anew, in their place: scroll and focus stay. `mark` is put above them. Throw what the fetch throws. */
export async function refreshObject(mark = null) {
  if (!onShow) return;
  const mine = turn;
  const { kind, code, props, extra } = onShow;
  const full = await describe(kind, props);
  const issues = LINK[kind] ? await openIssues(kind, code) : null;
  const body = $('panel-body');
  if (mine !== turn || body.contains(document.activeElement?.closest('input, textarea, select'))) return;
  const within = () => [...body.querySelectorAll('a, button, summary')];
  const [top, at] = [body.scrollTop, within().indexOf(document.activeElement)];
  put(body, mark, blocks(kind, full, issues, extra(kind, full)));
  body.scrollTop = top;
  if (at >= 0) (within()[at] ?? body.closest('[tabindex]'))?.focus({ preventScroll: true });
}
