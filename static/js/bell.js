// The bell in the bar: how many things happened that concern the reader; asked when a page opens, when something changed, and now and then.
import { get } from './api.js';
import { whenCalm } from './calm.js';
import { amount, t } from './texts.js';

const BEAT = 60000;
const MOST = 99;
const bell = document.getElementById('bell');
let asking = null;

async function ask() {
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

if (bell) {
  whenCalm(soon);
  document.addEventListener('live-changed', soon);
  setInterval(() => { if (!document.hidden && navigator.onLine) soon(); }, BEAT);
}
