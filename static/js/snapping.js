// Snapping: lines nearby are fetched from the server, and the corner or edge nearest to a spot is found among them.
import { get, query } from './api.js';
import { scale } from './shapes.js';

const KINDS = 'zones,streets,kerbs,buildings';
const NEAR_ZOOM = 16; // farther off there is nothing to snap to that a hand could mean
const ROOM = 0.3;

/** Give every ring or line of a geometry. */
function strands({ type, coordinates }) {
  if (type === 'Polygon' || type === 'MultiLineString') return coordinates;
  return type === 'MultiPolygon' ? coordinates.flat() : type === 'LineString' ? [coordinates] : [];
}

export class Lines {
  constructor(map, onNews = () => {}) {
    Object.assign(this, { map, onNews, isOn: true, box: null, ends: new Float64Array(0), whose: [], zones: [], without: new Set(), owners: [] });
    map.on('moveend', this.moved = () => this.fetch());
  }

  remove() {
    this.map.off('moveend', this.moved);
    this.abort?.abort();
  }

  /** Ask anew, after something was saved. */
  renew() {
    this.box = null;
    return this.fetch();
  }

  async fetch() {
    const view = this.map.getBounds();
    if (this.map.getZoom() < NEAR_ZOOM || this.box?.contains(view)) return;
    const box = view.pad(ROOM);
    this.abort?.abort();
    this.abort = new AbortController();
    try {
      const { data } = await get(`/linework${query({ bbox: box.toBBoxString(), kinds: KINDS })}`, { signal: this.abort.signal });
      this.take(data.features);
      this.box = box;
      this.at = (this.at ?? 0) + 1;
      this.onNews();
    } catch { /* without lines one draws without snapping */ }
  }

  take(features) {
    const ends = [];
    this.zones = features.filter(({ properties }) => properties.layer === 'zones');
    this.owners = features.map(({ properties }) => properties);
    this.whose = [];
    features.forEach(({ geometry }, owner) => {
      for (const spots of strands(geometry)) {
        for (let i = 1; i < spots.length; i += 1) {
          ends.push(spots[i - 1][0], spots[i - 1][1], spots[i][0], spots[i][1]);
          this.whose.push(owner);
        }
      }
    });
    this.ends = Float64Array.from(ends);
  }

  /** The zones whose own border is no help: those that are being changed. */
  leaveOut(codes) { this.without = new Set(codes); }

  /** List what lies within reach of a spot, nearest first, corners before edges: {spot, is, owner, far}. */
  around([lon, lat], reach, most = 1) {
    if (!this.isOn) return [];
    const [mx, my] = scale(lat);
    const found = new Map();
    const keep = (is, x, y, owner) => {
      const far = Math.hypot((x - lon) * mx, (y - lat) * my);
      const key = `${x.toFixed(8)},${y.toFixed(8)}`;
      if (far <= reach && !(found.get(key)?.rank <= (is === 'corner' ? 0 : 1))) found.set(key, { spot: [x, y], is, owner, far, rank: is === 'corner' ? 0 : 1 });
    };
    const { ends, whose } = this;
    const [dx, dy] = [reach / mx, reach / my];
    for (let i = 0, k = 0; i < ends.length; i += 4, k += 1) {
      const [x1, y1, x2, y2] = [ends[i], ends[i + 1], ends[i + 2], ends[i + 3]];
      if (Math.max(x1, x2) < lon - dx || Math.min(x1, x2) > lon + dx || Math.max(y1, y2) < lat - dy || Math.min(y1, y2) > lat + dy) continue;
      const owner = this.owners[whose[k]];
      if (owner.code && this.without.has(owner.code) && owner.layer === 'zones') continue;
      keep('corner', x1, y1, owner);
      keep('corner', x2, y2, owner);
      const [ux, uy] = [(x2 - x1) * mx, (y2 - y1) * my];
      const along = ((lon - x1) * mx * ux + (lat - y1) * my * uy) / (ux * ux + uy * uy || 1);
      if (along > 0 && along < 1) keep('edge', x1 + along * (x2 - x1), y1 + along * (y2 - y1), owner);
    }
    return [...found.values()].sort((a, b) => a.rank - b.rank || a.far - b.far).slice(0, most);
  }

  /** Metres that so many pixels are on the map now. */
  metres(pixels) {
    const size = this.map.getSize();
    const a = this.map.containerPointToLatLng([size.x / 2, size.y / 2]);
    const b = this.map.containerPointToLatLng([size.x / 2 + 100, size.y / 2]);
    return (this.map.distance(a, b) * pixels) / 100;
  }

  /** The best of what lies within so many pixels, or null. */
  nearest(spot, pixels) { return this.around(spot, this.metres(pixels))[0] ?? null; }
}
