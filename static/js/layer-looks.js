// How a layer's things look as elements of the page: by status, by the class of a measure, or quiet where another layer is measured.
/* global L */
import { AREA, CLASS_WEIGHT, COLOUR, LINE, clusterSymbol, hatch, issueSymbol, placeSymbol, unitSymbol, valueSymbol, worst } from './symbols.js';
import { TILING, stepOf } from './ramps.js';

const CASING = 'var(--map-casing)';
const NEUTRAL = 'var(--map-neutral)';
const isLate = (props, scale) => scale.mode === 'value' && props.status === 'overdue';

/** Return a line's style and what lies below it: [colour, weight] of its casing or halo. */
export function lineLook(props, scale, colours) {
  const { status = 'none' } = props;
  const style = { ...LINE[status], lineCap: status === 'due_soon' ? 'butt' : 'round', className: `road road-${status}` };
  if (scale.mode === 'status') return { style, below: status === 'none' ? null : [CASING, style.weight + 3] };
  const step = scale.mode === 'value' ? stepOf(props, scale) : -1;
  if (step < 0) return { style: { ...style, color: NEUTRAL, weight: 1.4, opacity: 0.4, dashArray: null, lineCap: 'round', className: 'road' }, below: null };
  const measured = { ...style, color: colours.ramp[step], weight: CLASS_WEIGHT[step], opacity: 1, dashArray: null, lineCap: 'round', className: 'road measured' };
  return { style: measured, below: isLate(props, scale) ? [COLOUR.overdue, measured.weight + 6] : ['var(--map-edge)', measured.weight + 1.2] };
}

/** Return an area's style and what lies below it; kinds that cover the whole city stay hollow unless they are alone. */
export function areaLook(props, scale, colours, isSingle) {
  const { status = 'none', kind } = props;
  const style = { ...AREA[status], className: `zone zone-${status}`, fill: true, fillColor: hatch(status), fillOpacity: 1 };
  if (TILING.has(kind) && !isSingle) return { style: { ...style, fill: false, weight: 2.5, opacity: 0.85, dashArray: '12 4 2 4' }, below: null };
  if (scale.mode === 'status') return { style, below: null };
  if (scale.mode === 'neutral') return { style: { ...style, color: NEUTRAL, weight: 1, fillColor: 'transparent', dashArray: null, className: 'zone' }, below: null };
  const step = stepOf(props, scale);
  if (step < 0) return { style: { ...style, color: NEUTRAL, weight: 1, opacity: 0.5, fillColor: 'url(#hatch-bare)', dashArray: '3 3', className: 'zone' }, below: null };
  const late = isLate(props, scale);
  const measured = { ...style, color: late ? COLOUR.overdue : 'var(--map-edge)', weight: late ? 3.5 : 1, opacity: late ? 1 : 0.55, fillColor: `url(#ramp-${step})`, dashArray: null, className: 'zone measured' };
  return { style: measured, below: late ? [CASING, 8] : null };
}

function measured(kind, props, scale, colours) {
  const step = scale.mode === 'value' ? stepOf(props, scale) : -1;
  const look = { step, colour: colours?.ramp[step], late: isLate(props, scale) };
  if (scale.mode === 'neutral') return valueSymbol({ ...look, quiet: true }, null, kind === 'units' ? 18 : 12);
  return kind === 'units' ? valueSymbol(look, props.value, 22) : valueSymbol(look, props.value);
}

function symbolOf(kind, props, scale, colours) {
  const { status = 'none', open_issues: count } = props;
  if (kind === 'issues') return issueSymbol(status);
  const inside = scale.mode === 'status' ? null : measured(kind, props, scale, colours);
  if (kind === 'units') return unitSymbol(status, count, inside ?? undefined);
  return inside ?? placeSymbol(status, count);
}

/** Return the icon of a place, a seat or an issue. */
export function iconOf(kind, props, scale, colours) {
  return L.divIcon({ className: 'mark', html: symbolOf(kind, props, scale, colours), iconSize: [36, 36], iconAnchor: [18, kind === 'points' ? 18 : 34] });
}

/** Return the icon of things that stand together. */
export function clusterIcon(kind, markers) {
  const symbol = clusterSymbol(kind, worst(markers.map((marker) => marker.options.status)), markers.length);
  return L.divIcon({ className: 'mark cluster', html: symbol, iconSize: [50, 50] });
}
