// Every page: the service worker, a word about what is old, the badge of what waits to be sent, and leaving without loss.
import { counts, work } from './outbox.js';
import { person } from './outbox-send.js';
import { hear } from './outbox-store.js';
import { moment, t } from './texts.js';

const WARM_PAGES = 20;
const bar = document.getElementById('offline');
const words = bar?.querySelector('span');
const usual = words?.textContent;
let oldest = null;

/** While the device has no network, or shows what it saw last, the page says so. */
function tellNetwork() {
  if (!bar) return;
  if (navigator.onLine && !oldest) bar.hidden = true;
  else {
    words.textContent = oldest ? t('js.offline.old', { at: moment(oldest) }) : usual;
    bar.hidden = false;
  }
}

/** Something on this page was answered by the phone: say from when. */
function isOld(at) {
  if (!at) return;
  oldest = !oldest || at < oldest ? at : oldest;
  document.documentElement.dataset.old = oldest;
  tellNetwork();
}

async function showBadge() {
  const badge = document.getElementById('outbox-badge');
  if (!badge || !window.indexedDB) return;
  const { waiting, held } = await counts().catch(() => ({ waiting: 0, held: 0 }));
  badge.hidden = !waiting;
  badge.classList.toggle('is-held', held > 0);
  badge.querySelector('b').textContent = waiting;
  badge.setAttribute('aria-label', t(held ? 'js.outbox.badge_held' : 'js.outbox.badge', { n: waiting, held }));
}

/** What will be wanted in the street is fetched while there is a network: the map, the outbox, and one's own list. */
function warm(worker) {
  if (!person() || navigator.connection?.saveData) return;
  const urls = ['/', '/outbox'];
  if (location.pathname === '/inbox' && matchMedia('(pointer: coarse)').matches) {
    const links = [...document.querySelectorAll('main a[href^="/issues/"]')].map((link) => link.pathname);
    urls.push('/inbox', ...new Set(links.slice(0, WARM_PAGES)));
  }
  if (/^\/issues\/[^/]+$/.test(location.pathname)) urls.push(location.pathname, ...[...document.querySelectorAll('main img[src*="/photos/"]')].map((image) => image.getAttribute('src')));
  worker.postMessage({ kind: 'warm', urls });
}

async function register() {
  if (!('serviceWorker' in navigator) || !window.isSecureContext) return;
  navigator.serviceWorker.addEventListener('message', ({ data }) => { if (data?.kind === 'old') isOld(data.at); });
  navigator.serviceWorker.controller?.postMessage({ kind: 'how-old' });
  try {
    const made = await navigator.serviceWorker.register('/sw.js', { scope: '/', updateViaCache: 'none' });
    const { active } = made ? await navigator.serviceWorker.ready : {};
    if (active) warm(active);
  } catch (error) {
    console.warn('no service worker:', error.message);
  }
}

/** Signing out with something unsent asks first; what waits stays on the phone, for the same person alone. */
function wireLeaving() {
  for (const form of document.querySelectorAll('form[action="/logout"]')) {
    form.addEventListener('submit', async (event) => {
      if (form.dataset.asked) return;
      event.preventDefault();
      form.dataset.asked = 'yes';
      const { waiting } = await counts().catch(() => ({ waiting: 0 }));
      if (!waiting || window.confirm(t('js.outbox.leave', { n: waiting }))) form.requestSubmit();
      else delete form.dataset.asked;
    });
  }
}

/** Wire all of it; the words about the network first. */
export function wireOffline() {
  window.addEventListener('offline', tellNetwork);
  window.addEventListener('online', () => { oldest = null; tellNetwork(); work({ now: true }); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) work(); });
  tellNetwork();
  hear(showBadge);
  showBadge();
  wireLeaving();
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register);
  work();
}
