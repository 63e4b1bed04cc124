// Where a reader begins: the layers that suit a role, and the place that the address names.
import { page } from './page.js';
import { state } from './state.js';

const ALL = 'points,segments,zones,issues';

/** Return the layers that suit a role when the address says nothing: those who handle issues see them at once. */
const startingView = () => (['unit_handler', 'unit_head', 'shop'].includes(page.user?.role) ? { layers: ALL.split(',') } : {});

/** Bring a map to the place that an address tells as zoom/lat/lon. */
export function goTo(map, at) {
  const [zoom, lat, lon] = at.split('/').map(Number);
  if ([zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180) map.setView([lat, lon], zoom, { animate: false });
}

/** Begin where the address says, or with what suits the reader. */
export function begin(map) {
  if (!location.search) state.set(startingView());
  if (state.get('at')) goTo(map, state.get('at'));
}
