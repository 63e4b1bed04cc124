// The quiet figure of the front page: how many places do not fit, asked when the map has come to rest and after edits.
import { get } from './api.js';
import { $, debounce, h, icon, put } from './dom.js';
import { amount, t } from './texts.js';

const KINDS = /^(zone|segment|point|unit)s?$/;
const CALM = 4000; // milliseconds after an edit: several come together, and fifty viewers need not ask at once

function show(place, { misfits, errors, unanswered }) {
  const tone = errors ? 'overdue' : misfits ? 'due_soon' : 'none';
  put(place, h('span', { class: `status status-${tone}` }, icon(`status-${tone}`), misfits ? t('js.coverage.misfits', { n: amount(misfits) }) : t('js.coverage.fits')),
    unanswered ? h('span', { class: 'quiet number' }, ' · ', t('js.coverage.unanswered', { n: amount(unanswered) })) : null);
  place.setAttribute('aria-label', `${t('js.coverage.title')}: ${place.textContent}`);
  place.hidden = false;
}

/** Keep the figure of the legend current. */
export function wireFit() {
  const place = $('legend-fit');
  if (!place) return;
  const ask = async () => {
    try {
      show(place, (await get('/coverage/figure')).data);
    } catch {
      // the figure is quiet: without an answer the old one stays
    }
  };
  const soon = debounce(ask, CALM + Math.random() * CALM);
  (window.requestIdleCallback ?? setTimeout)(ask, { timeout: CALM });
  document.addEventListener('live-polled', ({ detail }) => { if ((detail.changes ?? []).some((one) => KINDS.test(one.kind))) soon(); });
}
