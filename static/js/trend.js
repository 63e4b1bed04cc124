// The trend of a thing: open issues as a line and struck-off ones as bars, day by day; the same as a table for readers.
import { get, query } from './api.js';
import { h, s } from './dom.js';
import { amount, t } from './texts.js';

const [WIDTH, HEIGHT, LEFT, FOOT, TOP] = [600, 150, 34, 22, 10];

/** Round a maximum up to what an axis can be read by. */
function ceiling(value) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000].find((each) => value <= each * 4) ?? 100000;
  return Math.max(step, Math.ceil(value / step) * step);
}

const short = (day) => `${Number(day.slice(5, 7))}/${Number(day.slice(8))}`;

function axis(top, y) {
  return [0, top / 2, top].filter((value) => Number.isInteger(value)).map((value) => [
    s('line', { x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value), class: 'trend-grid' }),
    s('text', { x: LEFT - 6, y: y(value) + 4, class: 'trend-text', 'text-anchor': 'end' }, amount(value))]);
}

function drawing(days) {
  const top = ceiling(Math.max(...days.map((each) => Math.max(each.open, each.closed)), 1));
  const wide = (WIDTH - LEFT) / days.length;
  const x = (index) => LEFT + wide * (index + 0.5);
  const y = (value) => TOP + (HEIGHT - TOP - FOOT) * (1 - value / top);
  const bars = days.map((each, index) => (each.closed ? s('rect', { x: x(index) - wide * 0.36, y: y(each.closed), width: wide * 0.72, height: y(0) - y(each.closed), class: 'trend-closed' }) : null));
  const line = (name) => days.map((each, index) => `${index ? 'L' : 'M'}${x(index).toFixed(1)} ${y(each[name]).toFixed(1)}`).join('');
  const marks = [0, Math.floor(days.length / 2), days.length - 1].map((index, at) => s('text', { x: x(index), y: HEIGHT - 5, class: 'trend-text', 'text-anchor': ['start', 'middle', 'end'][at] }, short(days[index].day)));
  const late = days.some((each) => each.overdue) ? s('path', { d: line('overdue'), class: 'trend-overdue' }) : null;
  return s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'trend', role: 'img', 'aria-label': said(days) }, axis(top, y), bars, s('path', { d: line('open'), class: 'trend-open' }), late, marks);
}

const sum = (days, name) => days.reduce((total, each) => total + (each[name] ?? 0), 0);

function said(days) {
  return t('js.trend.said', { days: days.length, first: days[0].open, last: days.at(-1).open, closed: sum(days, 'closed'), reported: sum(days, 'reported') });
}

function table(days) {
  const names = ['open', 'overdue', 'reported', 'closed'];
  const head = h('tr', {}, h('th', { scope: 'col' }, t('js.trend.day')), names.map((name) => h('th', { scope: 'col' }, t(`js.trend.${name}`))));
  const rows = [...days].reverse().map((each) => h('tr', {}, h('th', { scope: 'row' }, each.day), names.map((name) => h('td', {}, amount(each[name] ?? 0)))));
  return h('details', { class: 'trend-table' }, h('summary', {}, t('js.trend.table')), h('div', { class: 'trend-scroll', tabindex: '0' }, h('table', {}, h('thead', {}, head), h('tbody', {}, rows))));
}

function key(days) {
  const entry = (name) => h('span', { class: `trend-key trend-key-${name}` }, t(`js.trend.${name}`));
  return h('p', { class: 'trend-keys quiet' }, entry('open'), days.some((each) => each.overdue) ? entry('overdue') : null, entry('closed'));
}

/** Ask for the days of one thing (`one` = point, segment, zone or unit) and draw them; null where there are none to show. */
export async function trendOf(one, code, signal) {
  const { data } = await get(`/days${query({ [one]: code })}`, { signal });
  const days = data.days ?? [];
  if (days.length < 2) return null;
  if (!days.some((each) => each.open || each.closed || each.reported)) return h('p', { class: 'quiet' }, t('js.trend.nothing', { days: days.length }));
  return h('div', {}, key(days), drawing(days), h('p', { class: 'quiet' }, said(days)), table(days));
}
