// The wall screen: the map fills it, a few numbers are large, nothing else moves. Escape or the small cross leaves.
import { get } from './api.js';
import { $ } from './dom.js';
import { page } from './page.js';
import { amount, lang, moment, t } from './texts.js';

const EVERY = 60_000;
const GATHER = 4_000; // changes come in bursts: they are counted together
const CLOCK = new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric', weekday: 'long', hour: '2-digit', minute: '2-digit', hour12: false });

function show(name, value, more = '') {
  document.querySelector(`[data-wall-count="${name}"]`).textContent = value;
  document.querySelector(`[data-wall-more="${name}"]`).textContent = more;
}

async function count() {
  try {
    const { data } = await get('/standing');
    for (const name of ['open', 'due_soon', 'overdue']) show(name, amount(data[name]));
    const { rate } = data;
    show('rate', rate.value === null ? '—' : `${rate.value.toFixed(1)}%`, t('js.about.rate_of', { closed: amount(rate.closed), handed: amount(rate.handed_over - rate.suspended) }));
    $('wall').dataset.stale = '';
  } catch (error) {
    $('wall').dataset.stale = t('js.wall.stale', { at: moment(new Date().toISOString()) });
    console.warn('wall screen:', error.message);
  }
}

/** Wire the wall screen where the page was opened as one; its mark stays in the address. */
export function wireWall({ map, state }) {
  if (!$('wall')) return wireMine(map);
  const address = state.address.bind(state);
  const leave = () => location.assign(address());
  state.address = () => `${address()}${address().includes('?') ? '&' : '?'}wall=1`;
  const tick = () => { $('wall-clock').textContent = CLOCK.format(new Date()); };
  $('wall-leave').addEventListener('click', leave);
  $('wall-full').addEventListener('click', () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen().catch((error) => console.warn(error.message))));
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !document.fullscreenElement && $('panel').hidden) leave(); });
  let waiting = 0;
  document.addEventListener('live-changed', () => { waiting ||= setTimeout(() => { waiting = 0; count(); }, GATHER); });
  setInterval(() => { if (!document.hidden) count(); }, EVERY);
  setInterval(tick, 10_000);
  tick();
  if (!state.get('at')) fill(map);
  return count();
}

/** The city as large as the screen and the numbers above it allow; a wall is not bound to whole zooms. */
function fill(map) {
  const [west, south, east, north] = page.bounds;
  map.options.zoomSnap = 0.1;
  map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [0, $('wall').offsetHeight * 0.7], animate: false });
}

/** A shop's own zone: brought into view by its button, and at once when the page opens without a place of its own. */
function wireMine(map) {
  const buttons = [...document.querySelectorAll('[data-bounds]')];
  const go = (button) => { const [west, south, east, north] = button.dataset.bounds.split(',').map(Number); map.fitBounds([[south, west], [north, east]], { maxZoom: 19, ...clear(map) }); };
  for (const button of buttons) button.addEventListener('click', () => go(button));
  if (buttons.length && !new URLSearchParams(location.search).has('at')) go(buttons[0]);
}

/** Keep what is shown clear of the card that tells about it. */
function clear(map) {
  const [card, room] = [document.querySelector('.mine').getBoundingClientRect(), map.getContainer().getBoundingClientRect()];
  const isLow = card.top - room.top > room.height / 3;
  return isLow ? { paddingTopLeft: [40, 80], paddingBottomRight: [40, room.bottom - card.top + 20] } : { paddingTopLeft: [40, card.bottom - room.top + 20], paddingBottomRight: [40, 60] };
}
