// How the vector ground is painted: our own drawing rules, in the colours that the theme gives the ground.
/* global protomapsL */
const FONT = '"PingFang SC","Noto Sans CJK SC","Microsoft YaHei","Source Han Sans SC",sans-serif';
const AREAS = ['park', 'wood', 'residential', 'industrial', 'school', 'hospital', 'square'];
const ALSO = { wood: ['forest'], park: ['grass', 'garden', 'recreation_ground'], school: ['university', 'college'], square: ['pedestrian'] };
const ROADS = [ // kind, names of the same in other archives, from zoom, widths at z12 / z16 / z19, fill, casing
  ['path', ['path', 'other'], 15, [0.5, 1.6, 5], 'path', null],
  ['minor', ['minor', 'minor_road'], 13, [0.6, 7, 24], 'road', 'road-edge'],
  ['medium', ['medium', 'medium_road'], 12, [1.2, 10, 32], 'road', 'road-edge'],
  ['major', ['major', 'major_road'], 11, [1.8, 13, 40], 'road', 'road-edge'],
  ['highway', ['highway'], 10, [2.2, 14, 42], 'highway', 'highway-edge'],
];

/** Return the ground's colours as the theme of the page has them now: `colour('water')`. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--ground-${name}`).trim() || '#f1efe8';
}

const among = (kinds) => (zoom, feature) => kinds.includes(feature.props.kind);
const of = (kind) => among([kind]);
const widths = ([low, mid, high], extra = 0) => (zoom) => extra + (zoom <= 16
  ? low * (mid / low) ** Math.max(0, (zoom - 12) / 4) : mid * (high / mid) ** ((zoom - 16) / 3));

function areas(P, colour) {
  const fill = (layer, paint, more = {}) => ({ dataLayer: layer, symbolizer: new P.PolygonSymbolizer({ fill: paint }), ...more });
  const uses = AREAS.map((kind) => fill('landuse', colour(kind), { filter: among([kind, ...(ALSO[kind] ?? [])]) }));
  const walls = new P.PolygonSymbolizer({ fill: colour('building'), stroke: colour('wall'), width: 0.7 });
  return [fill('earth', colour('earth')), ...uses, fill('water', colour('water'), { filter: (z, f) => f.geomType === 3 }),
    { dataLayer: 'water', symbolizer: new P.LineSymbolizer({ color: colour('water'), width: widths([1, 4, 10]) }), filter: (z, f) => f.geomType === 2 },
    { dataLayer: 'buildings', symbolizer: walls, minzoom: 14 }];
}

function roads(P, colour) {
  const casings = [];
  const fills = [];
  for (const [, names, minzoom, width, paint, casing] of ROADS) {
    const line = (more, extra) => ({ dataLayer: 'roads', minzoom, filter: among(names), symbolizer: new P.LineSymbolizer({ color: colour(more), width: widths(width, extra), lineCap: 'round', lineJoin: 'round' }) });
    if (casing) casings.push(line(casing, 1.6));
    fills.push(line(paint, 0));
  }
  const bridge = { dataLayer: 'roads', minzoom: 14, filter: (z, f) => Boolean(f.props.bridge) && f.props.kind !== 'path',
    symbolizer: new P.LineSymbolizer({ color: colour('wall'), width: widths([2, 15, 44], 1.6) }) };
  return [...casings, bridge, ...fills];
}

function borders(P, colour) {
  const paint = colour('border');
  return { dataLayer: 'boundaries', symbolizer: new P.LineSymbolizer({ dash: [7, 4, 2, 4], dashColor: paint, dashWidth: 1.3, color: paint, width: 1.3, opacity: 0.8 }) };
}

/** Return the rules that paint areas, lines and borders. */
export function paintRules(colour = palette()) {
  return [...areas(protomapsL, colour), ...roads(protomapsL, colour), borders(protomapsL, colour)];
}

/** Return the rules that write names. */
export function labelRules(colour = palette()) {
  const P = protomapsL;
  const ink = { fontFamily: FONT, fill: colour('label'), stroke: colour('halo'), width: 3, labelProps: ['name:zh', 'name'] };
  const place = (kinds, size, minzoom, weight = 500, maxzoom = 22) => ({ dataLayer: 'places', minzoom, maxzoom, filter: among(kinds),
    symbolizer: new P.CenteredTextSymbolizer({ ...ink, fontSize: size, fontWeight: weight, maxLineChars: 8, lineHeight: 1.15 }) });
  const road = (kinds, size, minzoom) => ({ dataLayer: 'roads', minzoom, filter: among(kinds),
    symbolizer: new P.LineLabelSymbolizer({ ...ink, fontSize: size, fontWeight: 500, position: 2, repeatDistance: 420 }) });
  const poi = { dataLayer: 'places', minzoom: 17, filter: of('poi'), // below its spot, where our own marker leaves it readable
    symbolizer: new P.OffsetTextSymbolizer({ ...ink, fontSize: 11, offsetY: 16, placements: [5], justify: 2 }) };
  return [place(['subdistrict', 'locality', 'macrohood'], 15, 11, 700, 15), road(['highway', 'major', 'major_road'], 12.5, 13), road(['medium', 'medium_road'], 12, 14),
    place(['park'], 12, 14), place(['water'], 12.5, 13), place(['community', 'neighbourhood'], 12, 14, 500, 17), road(['minor', 'minor_road'], 11.5, 15.5), poi];
}
