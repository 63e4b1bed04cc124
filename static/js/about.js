// What the panel tells beside the facts: figures with their sums, people to call, trend, photos, what is inside and near.
import { answersBox } from './answers.js';
import { beforeAfter } from './before-after.js';
import { h, icon } from './dom.js';
import { page } from './page.js';
import { placeSymbol } from './symbols.js';
import { amount, day, moment, t } from './texts.js';
import { trendOf } from './trend.js';
import { visitsBox } from './visits.js';

const ONE = { points: 'point', segments: 'segment', zones: 'zone', units: 'unit' };
const percent = (value) => (value === null || value === undefined ? '—' : `${value.toFixed(1)}%`);
const section = (title, ...content) => h('section', {}, h('h3', {}, title), content);
const path = ({ kind, code }) => `/${kind}/${encodeURIComponent(code)}`;

function figure(label, value, more, tone = '') {
  return h('div', {}, h('dt', {}, label), h('dd', { class: `number ${tone}` }, value), h('dd', { class: 'quiet' }, more));
}

/** Make the three figures of a thing: what is open, how much is done of what was handed over, the last visit. */
export function figures(props, about) {
  const late = [props.overdue_issues ? h('span', { class: 'status-overdue' }, `${t('js.panel.overdue')} ${amount(props.overdue_issues)} `) : null,
    props.due_soon_issues ? h('span', { class: 'status-due_soon' }, `${t('js.panel.due_soon')} ${amount(props.due_soon_issues)}`) : null];
  const { rate, days_since_visit: days } = about ?? {};
  const visit = days === null || days === undefined ? '—' : days ? t('js.about.days_ago', { n: days }) : t('js.about.today');
  return h('dl', { class: 'figures' },
    figure(t('js.panel.open'), amount(props.open_issues ?? 0), late, props.open_issues ? `status-${props.status}` : ''),
    figure(t('js.about.rate'), rate ? percent(rate.value) : '…', rate ? t('js.about.rate_of', { closed: rate.closed, handed: rate.handed_over - rate.suspended }) : ''),
    figure(t('js.about.visit'), about ? visit : '…', about?.last_visit ? moment(about.last_visit) : ''));
}

/** A number that is shown whole can be called; a masked one only read. */
const callable = (phone) => (phone.includes('*') ? phone : h('a', { href: `tel:${phone.replaceAll(' ', '')}` }, phone));

function person({ label, name, phone, title, href }) {
  return h('li', {}, h('span', { class: 'quiet' }, label),
    h('span', { class: 'people-name' }, href ? h('a', { href }, name) : name, title ? h('span', { class: 'quiet' }, ` ${title}`) : null),
    phone ? h('span', { class: 'people-phone number' }, callable(phone)) : null);
}

/** Make the block of who is responsible: the unit large, then everybody with a phone. */
export function peopleList(kind, props, about) {
  const name = kind === 'units' ? '' : props.unit_name ?? props.unit?.name ?? props.unit;
  const phone = props.unit_phone ?? props.unit?.phone;
  const lead = kind === 'units' ? null : h('section', { class: 'who' }, h('p', { class: 'quiet' }, t('js.panel.who')),
    name ? [h('strong', {}, name), phone ? h('div', { class: 'number' }, icon('phone'), ' ', callable(phone)) : null] : h('span', { class: 'quiet' }, t('js.panel.nobody')));
  const others = (about?.people ?? []).filter((each) => each.role !== 'unit');
  return [lead, others.length ? h('ul', { class: 'people' }, others.map(person)) : null];
}

function trend(kind, code) {
  const box = section(t('js.about.trend'));
  box.hidden = true;
  trendOf(ONE[kind], code).then((drawn) => { if (drawn) { box.append(drawn); box.hidden = false; } }, (error) => console.warn('no trend:', error.message));
  return box;
}

const rows = (list, far) => h('ul', { class: 'link-rows' }, list.map((row) => h('li', {}, h('a', { href: path(row) }, row.label ? `${row.label} ${row.name}` : row.name), far ? h('span', { class: 'quiet number' }, far(row)) : null)));
const metres = ({ distance_m: m }) => (m ? t('js.metres', { m: amount(m) }) : t('js.about.adjoining'));

function children(list) {
  const line = (row) => h('li', {}, h('a', { href: path(row) }, h('span', {}, row.name), h('span', { class: 'burden' }, placeSymbol(row.status, 0, 14), h('b', { class: 'number' }, amount(row.open_issues)))));
  return h('ul', { class: 'child-rows' }, list.slice(0, 12).map(line));
}

function inside(counts) {
  return h('dl', { class: 'figures' }, Object.entries(counts).map(([kind, count]) => figure(t(`js.layer.${kind}`), amount(count), '')));
}

/** Why another unit may be asked here than the one that holds the place, and who that would be. */
function answers(kind, props) {
  if (kind === 'units' || !props.geometry || !page.issue_classes) return null;
  const spot = /* global L */ props.geometry.type === 'Point' ? props.geometry.coordinates : spotOn(props.geometry);
  const box = h('details', { class: 'more' }, h('summary', {}, t('js.answers.title')), h('p', { class: 'quiet' }, t('js.answers.words')));
  box.addEventListener('toggle', () => { if (box.open && !box.querySelector('.answers')) box.append(answersBox(spot, kind === 'points' ? props.code : null)); });
  return box;
}

function spotOn(geometry) {
  const line = geometry.type.startsWith('Multi') ? geometry.coordinates[0] : geometry.coordinates;
  if (geometry.type.endsWith('LineString')) return line[Math.floor(line.length / 2)];
  const { lng, lat } = L.geoJSON(geometry).getBounds().getCenter();
  return [lng, lat];
}

function lines(history) {
  const line = (each) => h('li', {}, h('span', { class: 'trail-verb' }, each.verb_name), h('span', { class: 'quiet' }, `${moment(each.at)} · ${each.who_name}`),
    Object.values(each.after?.said ?? {}).filter((word) => typeof word === 'string' && word.trim()).slice(0, 1).map((word) => h('p', {}, word)));
  return h('ol', { class: 'trail' }, [...history].reverse().slice(0, 6).map(line));
}

/** Make what follows the facts of a point, segment, zone or unit. */
export function aboutBlocks(kind, props, about) {
  const has = (list) => Boolean(list?.length);
  const isBorder = about.inside && props.kind !== 'frontage';
  return [
    isBorder ? section(t('js.about.inside'), inside(about.inside)) : null,
    has(about.children) ? section(t('js.about.below'), children(about.children)) : null,
    about.fixed ? section(t('js.about.fixed', { day: day(about.fixed.pair.after.taken_at ?? about.fixed.pair.after.uploaded_at) }), beforeAfter(about.fixed.pair)) : null,
    about.visits ? section(t('js.visits.title'), visitsBox(about.visits)) : null,
    trend(kind, props.code), answers(kind, props),
    has(about.around) || has(about.near) ? section(t('js.about.around'), has(about.around) ? rows(about.around) : null, has(about.near) ? rows(about.near.slice(0, 4), metres) : null) : null,
    has(about.history) ? section(t('js.about.history'), lines(about.history)) : null,
  ];
}

/** Make what follows the facts of an issue: its photos and its steps. */
export function issueBlocks(about) {
  return [
    about.pairs.length ? section(t('js.about.photos'), beforeAfter(about.pairs[0])) : null,
    about.history.length ? section(t('js.about.history'), lines(about.history)) : null,
  ];
}
