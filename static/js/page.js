// What the server says about this page (never text to be shown as markup).
const holder = document.getElementById('page');
export const page = (holder && JSON.parse(holder.textContent)) || {};

const TABLES = { points: 'point_types', zones: 'zone_kinds', segments: 'road_classes', units: 'unit_kinds', issues: 'issue_classes' };

/** Return the name of a dictionary code of a layer (type, kind or class); the code itself where it is unknown. */
export function kindName(kind, code) {
  return page[TABLES[kind]]?.find((row) => row.code === code)?.name ?? code ?? '';
}

/** Return the name of an issue's state. */
export const stateName = (code) => page.issue_states?.find((row) => row.code === code)?.name ?? code ?? '';

/** Return the dictionary code that sorts features of a layer. */
export const sortOf = (kind, props) => ({ points: props.type, issues: props.class ?? props.kind, segments: props.class ?? props.kind })[kind] ?? props.kind;

/** Return how an object is called on screen: its name, else its code. */
export const titleOf = (props) => props.name || props.code || props.issue_no || '';
