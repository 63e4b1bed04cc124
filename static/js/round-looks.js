// How a team looks wherever it is drawn: colour, shape of its marks and dash of its lines differ together, so none stands alone.
import { h, s } from './dom.js';
import { amount, lang, t } from './texts.js';

const COLOURS = 6;
const DASHES = ['', '14 7', '6 5', '16 5 4 5'];
const SHAPES = [
  'M15 2a13 13 0 1 1 0 26 13 13 0 0 1 0-26z',
  'M6 3h18a3 3 0 0 1 3 3v18a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z',
  'M8.500 2.500h13L29 15l-7.500 12.500h-13L1 15z',
  'M15 .500 29.500 15 15 29.500.500 15z',
  'M15 1.500 28.500 12l-5 16h-17l-5-16z',
];
const DAY_MIN = 24 * 60;
const OFFICE_MS = 8 * 3_600_000; // the office keeps Beijing time, whatever the reader's clock

/** Return the look of a team by its number: its colour and the ink on it, the dash of its lines, the shape of its marks. */
export function lookOf(team) {
  const at = Math.max(0, team - 1);
  const hue = (at % COLOURS) + 1;
  return { colour: `var(--team-${hue})`, ink: `var(--on-team-${hue})`, dash: DASHES[at % DASHES.length], shape: SHAPES[at % SHAPES.length] };
}

/** Make a mark: the team's shape with a number in it. `state` planned, here, done or skipped changes sign and fill. */
export function mark(team, text, { size = 30, state = 'planned', isLocked = false } = {}) {
  const look = lookOf(team);
  const sign = { done: '✓', skipped: '–' }[state] ?? String(text);
  return s('svg', { class: `team-mark is-${state}`, viewBox: '-2 -2 34 34', width: size, height: size, 'aria-hidden': 'true', style: `--team: ${look.colour}; --on-team: ${look.ink}` },
    s('path', { d: look.shape, class: 'team-mark-shape' }),
    s('text', { x: 15, y: 19.8, class: sign.length > 2 ? 'team-mark-text is-long' : 'team-mark-text' }, sign),
    isLocked ? s('g', { class: 'team-mark-lock' }, s('rect', { x: 20, y: 21, width: 11, height: 9, rx: 1.5 }), s('path', { d: 'M22.500 21v-2.500a3 3 0 0 1 6 0V21' })) : []);
}

/** Make a short piece of a team's line, as the map draws it. */
export function stroke(team, width = 44) {
  const look = lookOf(team);
  return s('svg', { class: 'team-stroke', viewBox: `0 0 ${width} 8`, width, height: 8, 'aria-hidden': 'true', style: `--team: ${look.colour}` }, s('path', { d: `M2 4H${width - 2}`, 'stroke-dasharray': look.dash }));
}

export const teamName = (team) => team.name || t('js.round.team_n', { n: team.team });

/** Say metres as people read them. */
export function metres(value) {
  if (value === null || value === undefined) return '—';
  return value < 995 ? t('js.round.m', { m: amount(Math.round(value)) }) : t('js.round.km', { km: amount(value / 1000, value < 99_500 ? 2 : 1) });
}

/** Say minutes as hours and minutes. */
export function span(minutes) {
  const whole = Math.round(minutes ?? 0);
  if (whole < 60) return t('js.round.min', { m: whole });
  return whole % 60 ? t('js.round.h_min', { h: Math.floor(whole / 60), m: whole % 60 }) : t('js.round.h', { h: whole / 60 });
}

/** Say a minute of the office's day as a clock does; past midnight it is tomorrow's. */
export function clockOf(minute) {
  const whole = Math.round(minute);
  const said = `${String(Math.floor((whole % DAY_MIN) / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
  return whole > DAY_MIN ? t('js.round.next_day', { time: said }) : said;
}

/** Read a clock as a minute of the day; null where it is none. */
export function minuteOf(text) {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text ?? '');
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** Say a moment as the clock of the office's wall. */
export function timeOf(iso) {
  return iso ? new Date(Date.parse(iso) + OFFICE_MS).toISOString().slice(11, 16) : '—';
}

const RADIUS_M = 6_371_008.8;
const radians = (degrees) => (degrees * Math.PI) / 180;

/** Return the metres between two lon/lat as the crow flies. */
export function airMetres([lon, lat], [lon2, lat2]) {
  const [dx, dy] = [radians(lon2 - lon) / 2, radians(lat2 - lat) / 2];
  const a = Math.sin(dy) ** 2 + Math.cos(radians(lat)) * Math.cos(radians(lat2)) * Math.sin(dx) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.sqrt(a));
}

/** Make a chip of a word with a tone; colour repeats what the word says. */
export const chip = (words, tone = '') => h('span', { class: ['chip', tone ? `chip-${tone}` : ''].join(' ').trim() }, words);
