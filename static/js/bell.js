// The bell in the bar: how many things happened that concern the reader; asked when a page opens, when something changed, and now and then.
import { get } from './api.js';
import { whenCalm } from './calm.js';
import { amount, t } from './texts.js';

const BEAT = 60000;
const LEAST = 10000; // milliseconds between two questions
const MOST = 99;
const bell = document.getElementById('bell');
let asking = null;
let asked = 0;
let waiting = 0;

async function ask() {
  asked = Date.now();
  try {
    const { data } = await get('/notifications?limit=0');
    const count = bell.querySelector('b');
    count.hidden = !data.new;
    count.textContent = data.new > MOST ? `${MOST}+` : amount(data.new);
    bell.setAttribute('aria-label', data.new ? t('js.notes.bell', { n: count.textContent }) : t('js.notes.quiet'));
  } catch {
    // the page says itself that it is offline or signed out
  }
}

const soon = () => { asking ??= ask().finally(() => { asking = null; }); };

/** What others did may concern the reader; a city at work is asked about every ten seconds, not with every line. */
function gathered({ detail }) {
  const isNews = detail.reload?.length || detail.gone?.length || detail.changes?.some(({ kind, own }) => kind === 'issues' && !own);
  if (isNews) waiting ||= setTimeout(() => { waiting = 0; soon(); }, Math.max(0, asked + LEAST - Date.now()));
}

if (bell) {
  whenCalm(soon);
  document.addEventListener('live-changed', gathered);
  setInterval(() => { if (!document.hidden && navigator.onLine) soon(); }, BEAT);
}
