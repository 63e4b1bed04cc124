// Sending visits: each step goes into the outbox first. Every body holds the whole visit so far, so that order and repeats do no harm.
import { queue } from './outbox.js';
import { mine } from './outbox-send.js';

function bodyOf(draft, { route, team }) {
  const { lon, lat, accuracy_m } = draft.place ?? {};
  const place = lon === undefined || lon === null ? {} : { lon, lat, accuracy_m };
  return { key: draft.key, point: draft.point, ...(route ? { route, team } : {}), arrived_at: draft.arrived_at, ...place };
}

function findingOf([item, { result, remark, report }]) {
  return { item, result, ...(remark ? { remark } : {}), ...(report ? { report } : {}) };
}

const findingsOf = (draft) => Object.entries(draft.findings).map(findingOf);
/** A visit of a round that is no secret may go without it, where the office has taken the stop out meanwhile. */
const label = (stop, step, round) => ({ class_name: stop.name || stop.code, step, alone: !round.covert });

/** Check in. */
export const sendArrival = (draft, stop, round) => queue({ verb: 'visit', body: { ...bodyOf(draft, round), here: true }, label: label(stop, 'arrive', round), captured_at: draft.arrived_at });

/** Report one fail, with its photos; `photos` are as they travel, each gets the item whose issue it belongs to. */
export const sendFail = (draft, stop, round, item, photos) => queue({ verb: 'visit', label: label(stop, 'fail', round), photos: photos.map((photo) => ({ ...photo, item })),
  body: { ...bodyOf(draft, round), here: true, findings: [findingOf([item, draft.findings[item]])] } });

/** Leave: everything that was found, with the reports already made; photos of fails that are reported just now. */
export const sendFinish = (draft, stop, round, photos = []) => queue({ verb: 'visit', label: label(stop, 'finish', round), captured_at: draft.left_at, photos,
  body: { ...bodyOf(draft, round), left_at: draft.left_at, here: false, findings: findingsOf(draft), ...(draft.remark ? { remark: draft.remark } : {}) } });

/** Pass a stop by, with the reason. */
export const sendSkip = (draft, stop, round) => queue({ verb: 'visit', label: label(stop, 'skip', round), captured_at: draft.arrived_at,
  body: { ...bodyOf(draft, round), outcome: 'skipped', remark: draft.remark } });

/** Return by visit key what the outbox holds of it: {waiting, held, issues {item: number}}. */
export async function known() {
  const found = {};
  for (const entry of (await mine()).filter((one) => one.verb === 'visit' && !one.deleted_at)) {
    const one = (found[entry.body.key] ??= { waiting: 0, held: 0, issues: {}, visit: null });
    if (entry.state === 'held') one.held += 1;
    else if (entry.state !== 'sent') one.waiting += 1;
    one.visit = entry.answer?.visit ?? one.visit;
    for (const { item, issue_no: number } of entry.answer?.issues ?? []) one.issues[item] = number;
  }
  return found;
}
