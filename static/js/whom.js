// Who answers for this spot, asked before anything is sent: the unit, the reason, the distance, the runner-up.
import { get, query } from './api.js';
import { h, notice, put } from './dom.js';
import { amount, t } from './texts.js';

const far = (metres) => (metres ? t('js.metres', { m: amount(metres, metres < 10 ? 1 : 0) }) : '');

/** The reason tells the distance itself where the distance decided. */
const told = ({ reason, distance_m: metres }) => Boolean(reason && metres) && reason.includes(String(Math.round(metres)));

/** Make the lines about an assignment as `/assignment` gives it. */
export function whomLines(answer) {
  if (!answer.unit) return notice('care', t('js.whom.nobody'), ' ', answer.reason ?? '');
  const runnerUp = (answer.claims ?? []).find((claim) => claim.unit?.code !== answer.unit.code);
  return h('section', { class: 'who' },
    h('p', { class: 'quiet' }, t('js.whom.title')), h('strong', {}, answer.unit.name),
    h('p', {}, [answer.reason, told(answer) ? '' : far(answer.distance_m)].filter(Boolean).join(' · ')),
    runnerUp ? h('p', { class: 'quiet' }, t('js.whom.runner_up', { name: runnerUp.unit?.name ?? '', far: far(runnerUp.distance_m) || runnerUp.reason || '' })) : null,
    answer.ambiguous ? h('p', { class: 'status-due_soon' }, t('js.whom.ambiguous')) : null);
}

/** A box that asks again whenever place, class or point change; only the last answer counts. */
export class Whom {
  constructor() {
    this.box = h('div', { 'aria-live': 'polite' });
  }

  async ask({ spot, row, point }) {
    this.abort?.abort();
    if (!spot || !row) return put(this.box);
    this.abort = new AbortController();
    put(this.box, h('p', { class: 'quiet waiting' }, h('span', { class: 'spinner' }), ' ', t('js.whom.asking')));
    const asked = { lon: spot.lon, lat: spot.lat, class: row.code, accuracy_m: spot.accuracy_m, point: point?.code };
    try {
      const { data } = await get(`/assignment${query(asked)}`, { signal: this.abort.signal });
      return put(this.box, whomLines(data));
    } catch (error) {
      if (error.name === 'AbortError') return null;
      return put(this.box, notice('care', error.message));
    }
  }
}
