// Drafts of the drawing desk: what is not saved yet survives a reload and a closed browser, per person, in the browser's own store.
import { state as view } from './state.js';
import { moment, t } from './texts.js';
import { toast } from './toast.js';

const MOST = 6;
const PREFIX = 'civmap.drafts.';
const person = () => document.querySelector('meta[name="person"]')?.content ?? '';

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + person()) ?? '[]');
    return Array.isArray(kept) ? kept.filter((draft) => draft?.key && draft.state?.task) : [];
  } catch {
    return [];
  }
}

function write(drafts) {
  try {
    if (drafts.length) localStorage.setItem(PREFIX + person(), JSON.stringify(drafts.slice(0, MOST)));
    else localStorage.removeItem(PREFIX + person());
    return true;
  } catch {
    return false; // a full or forbidden store: drawing goes on without drafts
  }
}

/** The name under which a task's draft is kept: one per task and zones. */
export const keyOf = (state) => `${state.task}:${state.zones.map((zone) => zone.code).join()}`;

/** Every draft of this person, newest first: {key, at, state, facts}. */
export const drafts = () => read();

/** Keep what is being done; tell whether it is kept. */
export function keep(state, facts) {
  const key = keyOf(state);
  return write([{ key, at: new Date().toISOString(), state, facts }, ...read().filter((draft) => draft.key !== key)]);
}

export const discard = (key) => write(read().filter((draft) => draft.key !== key));

/** How a draft is called: its task, and the zone it is about. */
export function titleOfDraft({ state, facts }) {
  const names = state.zones.map((zone) => zone.name || zone.code).join('、');
  return [t(`js.desk.task.${state.task}`), names || facts?.name].filter(Boolean).join(' · ');
}

let away = () => {};

/** The desk is open: it offers the drafts itself. */
export const withdraw = () => away();

/** Offer the newest draft when the map is opened again. */
export function wireDrafts({ draw }) {
  const asked = new URLSearchParams(location.search);
  const [newest] = document.getElementById('draw-open') ? read() : [];
  if (!newest || asked.get('draw') || asked.get('do') || view.get('on')) return;
  away = toast(t('js.desk.draft_waits', { name: titleOfDraft(newest), at: moment(newest.at) }), { act: { label: t('js.desk.draft_go_on'), run: () => draw({ draft: newest.key }) } });
}
