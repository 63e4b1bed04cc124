// The panel beside the map (a sheet from below on a phone): one object's facts, its open issues, and who answers.
import { get, query, rowsOf } from './api.js';
import { aboutBlocks, figures, issueBlocks, peopleList } from './about.js';
import { $, facts, h, notice, put } from './dom.js';
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

const yes = (flag) => (flag === undefined || flag === null ? '' : t(flag ? 'js.yes' : 'js.no'));
const span = (from, to) => (from || to ? `${day(from) || '…'} — ${day(to) || t('js.fact.now')}` : '');

function factPairs(kind, p) {
  const common = [[t('js.fact.code'), p.code], [t(`js.fact.type.${kind}`), kindName(kind, sortOf(kind, p))], [t('js.fact.address'), p.address], [t('js.fact.street'), p.street]];
  const more = {
    points: [[t('js.fact.declared'), yes(p.is_declared)], [t('js.fact.mandatory'), yes(p.is_mandatory)], [t('js.fact.hours'), p.open_hours]],
    segments: [[t('js.fact.from_to'), p.from_name || p.to_name ? `${p.from_name ?? ''} — ${p.to_name ?? ''}` : ''], [t('js.fact.length'), p.length_m ? t('js.metres', { m: amount(p.length_m) }) : ''],
      [t('js.fact.width'), p.width_m ? t('js.metres', { m: amount(p.width_m, 1) }) : '']],
    zones: [[t('js.fact.area'), p.area_m2 ? t('js.square_metres', { m2: amount(p.area_m2) }) : ''], [t('js.fact.parent'), p.parent_name ?? p.parent],
      [t('js.fact.valid'), span(p.valid_from, p.valid_to)], [t('js.fact.pledge'), p.pledge_signed_on ? span(p.pledge_signed_on, p.pledge_expires_on) : '']],
    units: [[t('js.fact.categories'), (p.categories ?? []).join('、')], [t('js.fact.parent'), p.parent_name ?? p.parent], [t('js.fact.phone'), p.phone]],
    issues: [[t('js.fact.state'), stateName(p.state)], [t('js.fact.reported'), moment(p.reported_at)], [t('js.fact.due'), moment(p.due_at)]],
  };
  return [...common, ...more[kind]];
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
  const path = `/${kind}/${encodeURIComponent(props.code ?? props.issue_no)}`;
  const [{ data }, about] = await Promise.all([get(path), get(`${path}/about`).then((answer) => answer.data, () => null)]);
  const own = data.properties ?? data;
  return { full: { ...props, ...own, geometry: data.geometry ?? props.geometry, code: props.code ?? props.issue_no }, about };
}

/** What is known so far: the map's own facts at once, the server's when they have come. */
function blocks(kind, props, { issues = null, about = null, more = [] } = {}) {
  const link = h('a', { class: 'button', href: `/${kind}/${encodeURIComponent(props.code)}` }, t('js.panel.page'));
  const description = kind === 'issues' && props.description ? h('p', { class: 'panel-words' }, props.description) : null;
  const list = issues ? h('section', {}, h('h3', {}, t('js.panel.issues')), issues) : null;
  return [
    kind === 'issues' ? null : figures(props, about), description, peopleList(kind, props, about), list,
    h('div', { class: 'actions' }, link, more), facts(factPairs(kind, props)),
    about ? (kind === 'issues' ? issueBlocks(about) : aboutBlocks(kind, props, about)) : null,
  ];
}

/** Show an object in the panel: at once what the map knows, then what the server adds. */
export async function showObject(kind, props, extra = () => []) {
  const code = props.code ?? props.issue_no;
  const title = kind === 'issues' ? kindName('issues', sortOf('issues', props)) || code : titleOf(props);
  const waiting = LINK[kind] ? h('p', { class: 'empty' }, h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') })) : null;
  const body = openPanel(t(`js.layer.${kind}`), title, blocks(kind, { ...props, code }, { issues: waiting }));
  const mine = turn;
  const still = () => mine === turn;
  onShow = { kind, code: String(code), props, extra };
  try {
    const { full, about } = await describe(kind, props);
    const issues = LINK[kind] ? await openIssues(kind, code) : null;
    if (still()) put(body, blocks(kind, full, { issues, about, more: extra(kind, full) }));
  } catch (error) {
    const again = h('button', { class: 'button button-small', onclick: () => showObject(kind, props, extra) }, t('js.retry'));
    if (still()) put(body, blocks(kind, { ...props, code }), notice('bad', error.message, ' ', again));
  }
}

/** Return `{kind, code}` of the object on show; null where a form is open or nothing. */
export const shownObject = () => onShow && { kind: onShow.kind, code: onShow.code };

/** Fetch the facts on show anew, in their place: scroll and focus stay. `mark` is put above them. Throw what the fetch throws. */
export async function refreshObject(mark = null) {
  if (!onShow) return;
  const mine = turn;
  const { kind, code, props, extra } = onShow;
  const { full, about } = await describe(kind, props);
  const issues = LINK[kind] ? await openIssues(kind, code) : null;
  const body = $('panel-body');
  if (mine !== turn || body.contains(document.activeElement?.closest('input, textarea, select'))) return;
  const within = () => [...body.querySelectorAll('a, button, summary')];
  const [top, at] = [body.scrollTop, within().indexOf(document.activeElement)];
  put(body, mark, blocks(kind, full, { issues, about, more: extra(kind, full) }));
  body.scrollTop = top;
  if (at >= 0) (within()[at] ?? body.closest('[tabindex]'))?.focus({ preventScroll: true });
}
