// A vector tile's bytes become plain shapes: flat coordinates in tile units (0 … 4096), boxes, and marks for what is a point.
import { PbfReader } from '../vendor/pbf/index.js';
import { VectorTile } from '../vendor/vector-tile/index.js';

export const EXTENT = 4096;
const OFTEN = 400; // shapes between two chances to do something else

function shapeOf(feature, stretch) {
  const parts = [];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const line of feature.loadGeometry()) {
    const flat = new Float32Array(line.length * 2);
    for (let i = 0; i < line.length; i += 1) {
      const x = line[i].x * stretch;
      const y = line[i].y * stretch;
      flat[2 * i] = x;
      flat[2 * i + 1] = y;
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
    parts.push(flat);
  }
  return { parts, box };
}

const codeOf = (props) => String(props.code ?? props.issue_no ?? '');
const inside = (at) => at >= 0 && at < EXTENT;

/** Tell whether a point belongs to this tile: the server's word, else where it lies. */
const isHere = (props, x, y) => (props.here === undefined ? inside(x) && inside(y) : Boolean(props.here));

function takeFeature(into, kind, feature) {
  const { parts, box } = shapeOf(feature, EXTENT / feature.extent);
  const props = { ...feature.properties };
  if (feature.type === 1) {
    const [x, y] = parts[0];
    if (isHere(props, x, y)) into.marks.push({ kind, code: codeOf(props), x, y, props });
    return;
  }
  const size = (box[2] - box[0]) * (box[3] - box[1]);
  into.shapes.push({ kind, code: codeOf(props), type: feature.type, parts, box, size, props });
}

function takeCluster(into, kind, feature) {
  const [[point]] = feature.loadGeometry();
  const stretch = EXTENT / feature.extent;
  const props = { ...feature.properties };
  const cluster = props.count > 1; // a thing too small to be drawn that stands alone is a mark of its own
  into.marks.push({ kind, code: cluster ? '' : codeOf(props), x: point.x * stretch, y: point.y * stretch, props, cluster, tiny: !cluster });
}

/** Decode the bytes of a tile of one kind; a generator, so that a page without workers stays awake. Returns {shapes, marks}. */
export function* decode(bytes, kind) {
  const found = { shapes: [], marks: [] };
  if (!bytes.byteLength) return found;
  const { layers } = new VectorTile(new PbfReader(new Uint8Array(bytes)));
  for (const [name, take] of [[kind, takeFeature], [`${kind}_clusters`, takeCluster]]) {
    const layer = layers[name];
    for (let i = 0; i < (layer?.length ?? 0); i += 1) {
      take(found, kind, layer.feature(i));
      if (i % OFTEN === OFTEN - 1) yield;
    }
  }
  found.shapes.sort((a, b) => b.size - a.size);
  return found;
}

/** Return which shapes of a tile carry a code; the index is made on first use. */
export function shapesOf(tile, code) {
  if (!tile.index) {
    tile.index = new Map();
    for (const shape of tile.shapes) tile.index.set(shape.code, [...(tile.index.get(shape.code) ?? []), shape]);
  }
  return tile.index.get(code) ?? [];
}
