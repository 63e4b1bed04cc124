// The round on the map: the ways of every team, numbered stops that can be dragged onto another way, starts, ends, who was where last.
/* global L */
import { layGround } from './basemap.js';
import { h, icon, put } from './dom.js';
import { lookOf, mark, teamName, timeOf } from './round-looks.js';
import { isStarted, stopsOf } from './round-store.js';
import { t } from './texts.js';

const NEAR_PX = 34; // how near to a way a stop is dropped on it
const SIZE = 30;
const ARROW_M = 90; // shorter legs show their way by their numbers

/** Return the squared distance of a pixel from a piece of line. */
function off2(p, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const size = dx * dx + dy * dy;
  const share = size ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / size)) : 0;
  return (p.x - a.x - share * dx) ** 2 + (p.y - a.y - share * dy) ** 2;
}

const at = ([lon, lat]) => [lat, lon];

export class RoundMap {
  /** `acts`: choose(code), move(code, team, position), offer(feature), canMove(stop). */
  constructor(map, acts) {
    Object.assign(this, { map, acts, marks: new Map(), ways: [], chosen: null, only: 0, isDragging: false });
    if (!map) return;
    layGround(map);
    L.control.zoom({ position: 'topright', zoomInTitle: t('js.round.zoom_in'), zoomOutTitle: t('js.round.zoom_out') }).addTo(map);
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    this.groups = new Map(); // per team: its ways as drawn, drawn anew only where they changed
    this.others = L.layerGroup().addTo(map);
    this.ends = L.layerGroup().addTo(map);
    this.stops = L.layerGroup().addTo(map);
    this.missed = L.layerGroup().addTo(map);
    this.hint = h('div', { class: 'round-hint', hidden: true, 'aria-hidden': 'true' });
    map.getContainer().append(this.hint);
    map.on('zoomend', () => { for (const way of this.ways) way.pixels = null; });
    map.on('moveend', () => { if (this.onView) this.onView(); });
  }

  /** Draw a plan; `legs` are its ways (FeatureCollection) as far as they are known. */
  draw(route, legs) {
    if (!this.map) return;
    Object.assign(this, { route, legs });
    if (this.isDragging) { this.isLate = true; return; }
    this.drawWays();
    this.drawEnds();
    this.drawStops();
    if (!this.isFitted) this.fit();
  }

  isSeen(team) { return !this.only || this.only === team; }

  drawWays() {
    const told = new Map();
    for (const { geometry, properties } of this.legs?.features ?? []) {
      if (!told.has(properties.team)) told.set(properties.team, []);
      told.get(properties.team).push({ ...properties, line: geometry.coordinates.map(at) });
    }
    for (const team of this.route.teams) this.drawTeam(team.team, team.isUntold || !this.legs ? this.guess(team) : told.get(team.team) ?? []);
    const teams = new Set(this.route.teams.map((one) => one.team));
    for (const [team, { layer }] of this.groups) if (!teams.has(team)) { layer.remove(); this.groups.delete(team); }
    this.ways = [...this.groups.values()].flatMap(({ ways }) => ways);
    this.shade();
  }

  drawTeam(team, ways) {
    const signature = JSON.stringify(ways.map((way) => [way.position, way.metres, way.is_air, way.isGuess, way.line.length, way.line[0], way.line.at(-1)]));
    const had = this.groups.get(team);
    if (had?.signature === signature) return;
    had?.layer.remove();
    const layer = L.layerGroup().addTo(this.map);
    this.groups.set(team, { signature, layer, ways });
    for (const way of ways) this.drawWay(way, layer);
  }

  /** Lines as the crow flies, until the server has told the ways. */
  guess(team) {
    const spots = stopsOf(this.route, team.team).map((stop) => [stop.lon, stop.lat]);
    const start = team.start ? [[team.start.lon, team.start.lat]] : [];
    const all = [...start, ...spots];
    return all.slice(1).map((spot, index) => ({ team: team.team, position: index + (start.length ? 1 : 2), line: [at(all[index]), at(spot)], isGuess: true }));
  }

  drawWay(way, group) {
    const look = lookOf(way.team);
    way.casing = L.polyline(way.line, { color: 'var(--map-casing)', weight: 8, interactive: false }).addTo(group);
    const dash = way.isGuess ? '1 7' : way.is_air ? '2 9' : look.dash;
    way.layer = L.polyline(way.line, { color: look.colour, weight: way.position === null ? 3 : 4.5, dashArray: dash || null, lineCap: dash ? 'butt' : 'round', interactive: false, className: 'round-way' }).addTo(group);
    this.drawArrow(way, look, group);
  }

  /** A small head in the middle of a long leg says which way it goes. */
  drawArrow(way, look, group) {
    const last = way.line.length - 1;
    const middle = Math.max(1, Math.round(last / 2));
    if (last < 1 || way.isGuess || (way.metres ?? 0) < ARROW_M) return;
    const [[lat, lon], [lat2, lon2]] = [way.line[middle - 1], way.line[middle]];
    const turn = (Math.atan2(-(lat2 - lat), (lon2 - lon) * Math.cos((lat * Math.PI) / 180)) * 180) / Math.PI;
    const head = h('span', { class: 'round-arrow', style: `--team: ${look.colour}; transform: rotate(${turn.toFixed(0)}deg)` });
    way.arrow = L.marker([(lat + lat2) / 2, (lon + lon2) / 2], { icon: L.divIcon({ className: 'round-arrow-box', html: head, iconSize: [12, 12], iconAnchor: [6, 6] }), interactive: false, keyboard: false, zIndexOffset: -500 }).addTo(group);
  }

  /** Let the ways and marks of other teams step back where one is looked at. */
  shade() {
    for (const way of this.ways) {
      const seen = this.isSeen(way.team);
      way.casing.setStyle({ opacity: seen ? 0.85 : 0.1 });
      way.layer.setStyle({ opacity: seen ? (way.position === null ? 0.75 : 1) : 0.18 });
      way.arrow?.setOpacity(seen ? 1 : 0);
      if (seen && this.only) { way.casing.bringToFront(); way.layer.bringToFront(); }
    }
    for (const marker of this.marks.values()) {
      const seen = this.isSeen(marker.team);
      marker.getElement()?.firstElementChild.classList.toggle('is-faint', !seen);
      marker.setZIndexOffset(seen ? 0 : -1000);
      if (marker.canMove) marker.dragging[seen ? 'enable' : 'disable']();
    }
  }

  drawEnds() {
    this.ends.clearLayers();
    const drawn = new Map();
    for (const team of this.route.teams) {
      if (team.start) this.drawEnd(drawn, team, team.start, 'start');
      if (team.ends === 'fixed' && team.end) this.drawEnd(drawn, team, team.end, 'end');
    }
  }

  drawEnd(drawn, team, spot, kind) {
    const key = `${kind}:${spot.lon.toFixed(5)},${spot.lat.toFixed(5)}`;
    if (drawn.has(key)) { drawn.get(key).push(teamName(team)); return; }
    drawn.set(key, [teamName(team)]);
    const html = h('span', { class: `round-end is-${kind}` }, icon(kind === 'start' ? 'home' : 'flag'));
    L.marker([spot.lat, spot.lon], { icon: L.divIcon({ className: 'round-end-box', html, iconSize: [32, 32], iconAnchor: [16, 16] }), keyboard: false, zIndexOffset: -100 })
      .bindTooltip(() => { const words = h('span', {}, t(`js.round.${kind}_of`, { teams: drawn.get(key).join(t('js.comma')), place: spot.name ?? '' })); return words; }).addTo(this.ends);
  }

  drawStops() {
    const last = new Set(this.route.teams.map((team) => lastVisit(this.route, team.team)?.code));
    const wanted = new Map(this.route.stops.filter((stop) => stop.team).map((stop) => [stop.code, JSON.stringify([stop.team, stop.position, stop.state, stop.is_locked, stop.is_late, stop.lon, stop.lat, stop.name, stop.visited_at, last.has(stop.code), this.acts.canMove(stop)])]));
    for (const [code, marker] of this.marks) if (marker.signature !== wanted.get(code)) { this.stops.removeLayer(marker); this.marks.delete(code); }
    for (const stop of this.route.stops) if (stop.team && !this.marks.has(stop.code)) this.drawStop(stop, last.has(stop.code)).signature = wanted.get(stop.code);
    this.missed.clearLayers();
    for (const one of this.route.unreached) this.drawUnreached(one);
    this.shade();
    if (this.chosen) this.choose(this.chosen, false);
  }

  drawStop(stop, isLast) {
    const canMove = this.acts.canMove(stop);
    const html = h('span', { class: ['round-stop', isLast ? 'is-last' : '', stop.is_late ? 'is-late' : '', canMove ? 'can-move' : ''].join(' ').trim(), 'data-code': stop.code, 'data-team': stop.team, 'data-position': stop.position },
      mark(stop.team, stop.position, { size: SIZE, state: stop.state, isLocked: stop.is_locked }), isLast ? h('b', { class: 'round-last' }, timeOf(stop.visited_at ?? stop.leave_at)) : null);
    const marker = L.marker([stop.lat, stop.lon], { icon: L.divIcon({ className: 'round-stop-box', html, iconSize: [SIZE, SIZE], iconAnchor: [SIZE / 2, SIZE / 2] }), draggable: canMove, keyboard: false, autoPan: true, riseOnHover: true });
    Object.assign(marker, { team: stop.team, canMove });
    marker.bindTooltip(() => h('span', {}, `${stop.position}. ${stop.name}`), { direction: 'top', offset: [0, -14] });
    marker.on('click', () => this.acts.choose(stop.code));
    if (canMove) this.wireDrag(marker, stop);
    marker.addTo(this.stops);
    this.marks.set(stop.code, marker);
    return marker;
  }

  drawUnreached(one) {
    if (one.lon === undefined || one.lon === null) return;
    const html = h('span', { class: 'round-missed', 'data-code': one.code }, '!');
    L.marker([one.lat, one.lon], { icon: L.divIcon({ className: 'round-stop-box', html, iconSize: [26, 26], iconAnchor: [13, 13] }), keyboard: false })
      .bindTooltip(() => h('span', {}, `${one.name} · ${one.message}`)).on('click', () => this.acts.choose(one.code)).addTo(this.missed);
  }

  wireDrag(marker, stop) {
    marker.on('dragstart', () => { this.isDragging = true; marker.closeTooltip(); this.aim = null; });
    marker.on('drag', () => this.aimAt(marker, stop));
    marker.on('dragend', () => {
      this.isDragging = false;
      const { aim } = this;
      this.point(null);
      marker.setLatLng([stop.lat, stop.lon]);
      if (this.isLate) { this.isLate = false; this.draw(this.route, this.legs); }
      if (aim) this.acts.move(stop.code, aim.team, aim.place);
    });
  }

  pixelsOf(way) {
    way.pixels ??= way.line.map((latlng) => this.map.latLngToLayerPoint(latlng));
    return way.pixels;
  }

  /** Find the way under a stop that is being dragged: it would be visited on it. */
  aimAt(marker, stop) {
    const p = this.map.latLngToLayerPoint(marker.getLatLng());
    let best = { off: NEAR_PX * NEAR_PX, way: null };
    for (const way of this.ways) {
      const own = way.team === stop.team && (way.position === stop.position || way.position === stop.position + 1 || (way.position === null && stop.position === stopsOf(this.route, stop.team).length));
      if (own || !this.isSeen(way.team)) continue;
      const pixels = this.pixelsOf(way);
      for (let i = 1; i < pixels.length; i += 1) {
        const off = off2(p, pixels[i - 1], pixels[i]);
        if (off < best.off) best = { off, way };
      }
    }
    this.point(best.way, stop, this.map.latLngToContainerPoint(marker.getLatLng()));
  }

  /** Show where a dragged stop would go. */
  point(way, stop, pixel) {
    if (this.aim?.way !== way) this.aim?.way.layer?.setStyle({ weight: 4.5 });
    this.hint.hidden = !stop;
    this.aim = null;
    if (stop && !way) { put(this.hint, t('js.round.drop_on_way')); this.hint.className = 'round-hint'; }
    if (way) {
      way.layer?.setStyle({ weight: 9 });
      const count = stopsOf(this.route, way.team).length;
      const before = way.position ?? count + 1;
      const place = way.team === stop.team && before > stop.position ? before - 1 : before;
      this.aim = { way, team: way.team, place };
      const team = this.route.teams.find((one) => one.team === way.team);
      put(this.hint, t('js.round.drop_here', { team: teamName(team), n: place }));
      this.hint.className = 'round-hint is-aimed';
    }
    if (stop) { this.hint.style.left = `${pixel.x}px`; this.hint.style.top = `${pixel.y}px`; }
  }

  choose(code, pan = true) {
    if (!this.map) return;
    this.marks.get(this.chosen)?.getElement()?.classList.remove('is-chosen');
    this.chosen = code;
    const marker = this.marks.get(code);
    if (!marker) return;
    marker.getElement()?.classList.add('is-chosen');
    if (pan && !this.map.getBounds().pad(-0.12).contains(marker.getLatLng())) this.map.panTo(marker.getLatLng(), { animate: false });
  }

  /** Show one team alone, or all (0). */
  show(team) {
    this.only = team;
    if (this.map && this.route) this.shade();
  }

  fit() {
    if (!this.map || !this.route) return;
    const spots = this.route.stops.filter((stop) => this.isSeen(stop.team)).map((stop) => [stop.lat, stop.lon]);
    if (!this.only) for (const one of this.route.unreached) if (Number.isFinite(one.lat)) spots.push([one.lat, one.lon]);
    for (const team of this.route.teams) if (this.isSeen(team.team)) for (const spot of [team.start, team.end]) if (spot) spots.push([spot.lat, spot.lon]);
    if (!spots.length) return;
    this.map.invalidateSize({ animate: false }); // the board was hidden until now
    this.map.fitBounds(spots, { animate: false, padding: [36, 36], maxZoom: 17 });
    this.isFitted = true;
  }

  /** Show points that are not in the round, to be added by a tap; `features` null takes them away. */
  offer(features) {
    if (!this.map) return;
    this.others.clearLayers();
    for (const feature of features ?? []) {
      const [lon, lat] = feature.geometry.coordinates;
      L.circleMarker([lat, lon], { radius: 8, className: 'round-other', bubblingMouseEvents: false })
        .bindTooltip(() => h('span', {}, feature.properties.name)).on('click', () => this.acts.offer(feature.properties.code, feature.properties.name)).addTo(this.others);
    }
  }

  get box() { return this.map?.getBounds().toBBoxString(); }
}

/** Return the stop where a team checked in last, if it has begun. */
export function lastVisit(route, team) {
  return stopsOf(route, team).filter((stop) => isStarted(stop) && stop.visited_at).sort((a, b) => (a.visited_at < b.visited_at ? 1 : -1))[0] ?? null;
}
