// The quiet ground under the data: our own drawing rules over the city's own tiles. Its absence never hides the data.
/* global protomapsL, L */
const FONT = '"PingFang SC","Noto Sans CJK SC","Microsoft YaHei","Source Han Sans SC",sans-serif';
const GROUND = '#f1efe8';
const AREAS = {
  park: '#dbe9d3', wood: '#cfe1c8', residential: '#ece8df', industrial: '#e6e4e3', school: '#f1ead6', hospital: '#f4e4e0', square: '#e8e3d6',
};
const ROADS = [ // kind, from zoom, widths at z12 / z16 / z19, fill, casing
  ['path', 15, [0.5, 1.6, 5], '#d9d1bf', null],
  ['minor', 13, [0.6, 7, 24], '#ffffff', '#d9d3c5'],
  ['medium', 12, [1.2, 10, 32], '#ffffff', '#cfc8b8'],
  ['major', 11, [1.8, 13, 40], '#fffdf6', '#c6bda8'],
  ['highway', 10, [2.2, 14, 42], '#f8e9c2', '#d2b878'],
];

const of = (kind) => (zoom, feature) => feature.props.kind === kind;
const widths = ([low, mid, high], extra = 0) => (zoom) => extra + (zoom <= 16
  ? low * (mid / low) ** Math.max(0, (zoom - 12) / 4) : mid * (high / mid) ** ((zoom - 16) / 3));

function areaRules(P) {
  const fill = (layer, colour, more = {}) => ({ dataLayer: layer, symbolizer: new P.PolygonSymbolizer({ fill: colour }), ...more });
  const uses = Object.entries(AREAS).map(([kind, colour]) => fill('landuse', colour, { filter: of(kind) }));
  const walls = new P.PolygonSymbolizer({ fill: '#e2ddd2', stroke: '#cfc8ba', width: 0.7 });
  return [fill('earth', GROUND), ...uses, fill('water', '#bbd6e1', { filter: (z, f) => f.geomType === 3 }),
    { dataLayer: 'water', symbolizer: new P.LineSymbolizer({ color: '#bbd6e1', width: widths([1, 4, 10]) }), filter: (z, f) => f.geomType === 2 },
    { dataLayer: 'buildings', symbolizer: walls, minzoom: 14 }];
}

function roadRules(P) {
  const casings = [];
  const fills = [];
  for (const [kind, minzoom, width, colour, casing] of ROADS) {
    const round = { lineCap: 'round', lineJoin: 'round' };
    if (casing) casings.push({ dataLayer: 'roads', minzoom, filter: of(kind), symbolizer: new P.LineSymbolizer({ color: casing, width: widths(width, 1.6), ...round }) });
    fills.push({ dataLayer: 'roads', minzoom, filter: of(kind), symbolizer: new P.LineSymbolizer({ color: colour, width: widths(width), ...round }) });
  }
  const bridge = { dataLayer: 'roads', minzoom: 14, filter: (z, f) => Boolean(f.props.bridge) && f.props.kind !== 'path',
    symbolizer: new P.LineSymbolizer({ color: '#a79f8c', width: widths([2, 15, 44], 1.6) }) };
  return [...casings, bridge, ...fills];
}

function boundaryRule(P) {
  return { dataLayer: 'boundaries', symbolizer: new P.LineSymbolizer({ dash: [7, 4, 2, 4], dashColor: '#8d7f96', dashWidth: 1.3, color: '#8d7f96', width: 1.3, opacity: 0.8 }) };
}

function labelRules(P) {
  const place = (kind, size, fill, minzoom, weight = 500, maxzoom = 22) => ({ dataLayer: 'places', minzoom, maxzoom, filter: of(kind),
    symbolizer: new P.CenteredTextSymbolizer({ fontFamily: FONT, fontSize: size, fontWeight: weight, fill, stroke: '#ffffff', width: 3, maxLineChars: 8, lineHeight: 1.15 }) });
  const road = (kinds, size, minzoom) => ({ dataLayer: 'roads', minzoom, filter: (z, f) => kinds.includes(f.props.kind),
    symbolizer: new P.LineLabelSymbolizer({ fontFamily: FONT, fontSize: size, fontWeight: 500, fill: '#5b564b', stroke: '#ffffff', width: 3, position: 2, repeatDistance: 420 }) });
  const poi = { dataLayer: 'places', minzoom: 17, filter: of('poi'), // below its spot, where our own marker leaves it readable
    symbolizer: new P.OffsetTextSymbolizer({ fontFamily: FONT, fontSize: 11, fill: '#6b6557', stroke: '#ffffff', width: 3, offsetY: 16, placements: [5], justify: 2 }) };
  return [place('subdistrict', 15, '#4b4157', 11, 700, 15), road(['highway', 'major'], 12.5, 13), road(['medium'], 12, 14), place('park', 12, '#3f6f43', 14),
    place('water', 12.5, '#2f6b85', 13), place('community', 12, '#6a6072', 14, 500, 17), road(['minor'], 11.5, 15.5), poi];
}

async function zoomsOf(url) {
  const answer = await fetch(url, { headers: { Range: 'bytes=0-126' } });
  if (answer.status !== 206) { // missing, or a server that sends the whole file: leave the connection free
    await answer.body?.cancel();
    return null;
  }
  const head = new DataView(await answer.arrayBuffer());
  const magic = String.fromCharCode(...new Uint8Array(head.buffer, 0, 7));
  return magic === 'PMTiles' ? { min: head.getUint8(100), max: head.getUint8(101) } : null;
}

/** Thank the ground's authors in the corner; Leaflet takes markup there, so the text is escaped first. */
export function thank(map, text) {
  if (!text) return;
  const escaped = document.createElement('span');
  escaped.textContent = text;
  map.attributionControl.addAttribution(escaped.innerHTML);
}

/** Lay the offline ground under the data; return whether there is one (a missing or broken file is no failure). */
export async function layGround(map, url = '/basemap.pmtiles') {
  try {
    const zooms = await zoomsOf(url);
    if (!zooms) return false;
    const P = protomapsL;
    const paint = [...areaRules(P), ...roadRules(P), boundaryRule(P)];
    const ground = P.leafletLayer({ url, paintRules: paint, labelRules: labelRules(P), backgroundColor: GROUND, attribution: '', maxDataZoom: zooms.max, noWrap: true });
    ground.addTo(map);
    return true;
  } catch (error) {
    console.warn('ground without tiles:', error);
    return false;
  }
}
