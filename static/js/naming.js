// How the values of filters are called: dictionaries come with the page, streets, areas, units and chiefs are asked for once.
import { get, query } from './api.js';
import { page } from './page.js';
import { t } from './texts.js';

/** Filters whose choices only the server knows. */
export const ASKED = ['street', 'division', 'grid', 'unit', 'chief', 'source'];
const LOCAL_TABLES = { type: 'point_types', kind: 'zone_kinds', state: 'issue_states', class: 'issue_classes' };
const known = new Map();
const asking = new Set();
const key = (name, code) => `${name}/${code}`;

/** Ask the server for the choices of a filter by words; what it names is kept. */
export async function ask(name, text) {
  const { data } = await get(`/choices${query({ of: name, q: text })}`);
  const found = data.choices[name];
  for (const row of found.items) known.set(key(name, row.code), row.name);
  return found;
}

/** Return the rows of a dictionary that came with the page. */
export const tableOf = (name) => page[LOCAL_TABLES[name]] ?? [];

/** Return the name of a filter's value: what is known of it at once. */
export function nameOf(name, code) {
  if (name === 'state' && (code === 'open' || code === 'all')) return t(`js.filters.state_${code}`);
  if (name === 'kind' && code === 'all') return t('js.filters.kind_all');
  if (LOCAL_TABLES[name]) return tableOf(name).find((row) => row.code === code)?.name ?? code;
  return known.get(key(name, code)) ?? code;
}

/** Ask for the names that are not known yet; tell whether any came. */
export async function learn(filters) {
  const lacking = ASKED.map((name) => [name, (filters[name] ?? '').split(',').filter((code) => code && !known.has(key(name, code)) && !asking.has(key(name, code)))]);
  const wanted = lacking.filter(([, codes]) => codes.length);
  for (const [name, codes] of wanted) for (const code of codes) asking.add(key(name, code));
  const answers = await Promise.allSettled(wanted.map(([name, codes]) => get(`/choices${query({ of: name, code: codes.join() })}`)));
  answers.forEach((answer, index) => {
    const [name] = wanted[index];
    if (answer.status === 'fulfilled') for (const row of answer.value.data.choices[name].items) known.set(key(name, row.code), row.name);
  });
  return wanted.length > 0;
}
