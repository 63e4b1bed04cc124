// The visits of a point: the trend of its scores as a small chart, and the last check list with what failed.
import { h, s } from './dom.js';
import { moment, t } from './texts.js';

const [WIDTH, HEIGHT, SIDE, TOP, FOOT] = [600, 116, 26, 26, 22];
const short = (at) => `${Number(at.slice(5, 7))}/${Number(at.slice(8, 10))}`;

/** Draw the scores of some visits, oldest first, from the lowest ten below them up to 100. */
function chart(rated) {
  const floor = Math.max(0, Math.floor(Math.min(...rated.map((each) => each.score_rate)) / 10) * 10 - 10);
  const x = (index) => SIDE + ((WIDTH - 2 * SIDE) * index) / Math.max(rated.length - 1, 1);
  const y = (rate) => TOP + (HEIGHT - TOP - FOOT) * (1 - (rate - floor) / (100 - floor));
  const spots = rated.map((each, index) => [x(index).toFixed(1), y(each.score_rate).toFixed(1)]);
  const said = t('js.visits.trend', { n: rated.length, first: rated[0].rate.text, last: rated.at(-1).rate.text });
  return s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'visit-trend', role: 'img', 'aria-label': said },
    s('polyline', { class: 'visit-line', points: spots.map((spot) => spot.join(',')).join(' ') }),
    rated.map((each, index) => [
      s('circle', { class: 'visit-spot', cx: spots[index][0], cy: spots[index][1], r: 5 }),
      s('text', { class: 'visit-rate', x: spots[index][0], y: spots[index][1] - 10, 'text-anchor': 'middle' }, each.rate.text.replace(' %', '')),
      s('text', { class: 'trend-text', x: spots[index][0], y: HEIGHT - 4, 'text-anchor': 'middle' }, short(each.arrived_at))]));
}

function fail(finding) {
  const issue = finding.issue_no ? [h('a', { href: `/issues/${encodeURIComponent(finding.issue_no)}` }, finding.issue_no), ' ', h('span', { class: 'chip' }, finding.issue_state_name)] : null;
  return h('li', {}, s('svg', { class: 'check-mark mark-fail', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, s('rect', { x: 1.5, y: 1.5, width: 13, height: 13, rx: 2.5 }), s('path', { d: 'M5 5l6 6M11 5l-6 6' })),
    h('span', {}, finding.name, finding.remark ? h('span', { class: 'quiet' }, ` ${finding.remark}`) : null), h('span', {}, issue));
}

/** Make the block of a point's visits from `visits` of `/points/CODE/about`. */
export function visitsBox({ trend, last }) {
  const rated = trend.filter((each) => each.score_rate !== null);
  const fails = last.findings.filter((each) => each.result === 'fail');
  const route = last.route ? h('a', { href: `/routes/${encodeURIComponent(last.route)}/result` }, last.route) : null;
  return h('div', { class: 'visits' },
    rated.length > 1 ? chart(rated) : null,
    h('p', { class: 'visit-last' }, h('span', { class: 'quiet' }, t('js.visits.last')), h('b', { class: 'number' }, last.rate.text), h('span', {}, fails.length ? t('js.visits.fails', { n: fails.length }) : t('js.visits.clean'))),
    h('p', { class: 'quiet' }, moment(last.arrived_at), ' · ', last.who_name, route ? [' · ', route] : null),
    fails.length ? h('ul', { class: 'visit-fails' }, fails.map(fail)) : null);
}
