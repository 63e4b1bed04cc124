// Answers asked for ahead of time: the next day of a play is fetched while the present one is looked at.
import { API, query } from './api.js';

const KEPT = 12;
const FRESH = 20000;
const answers = new Map();

/** Take an answer that was fetched ahead, or fetch it. */
export async function fetchWarm(address, options) {
  const ahead = answers.get(address);
  answers.delete(address);
  if (!ahead || performance.now() - ahead.at > FRESH) return fetch(address, options);
  const answer = await ahead.answer;
  if (options?.signal?.aborted) throw new DOMException('', 'AbortError');
  return answer?.ok ? answer : fetch(address, options);
}

/** Fetch what a layer will ask for with other values in its query. */
export function warm(layer, values) {
  const bbox = layer.byWindow ? layer.map.getBounds().pad(0.4).toBBoxString().split(',').map((edge) => Number(edge).toFixed(6)).join(',') : '';
  const asked = { ...layer.narrowing(), ...values };
  const address = `${API}/${layer.kind}.geojson${query({ ...asked, bbox })}`;
  if (answers.has(address)) return;
  answers.set(address, { at: performance.now(), answer: fetch(address).catch(() => null) });
  for (const old of [...answers.keys()].slice(0, -KEPT)) answers.delete(old);
}

document.addEventListener('live-changed', () => answers.clear());
