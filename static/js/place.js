// Where it is: the device's position, a tap, or the cross dragged to the spot; accuracy as a circle.
/* global L */
import { s } from './dom.js';

const NEAR = 15.5;

const pin = () => s('svg', { width: 40, height: 52, viewBox: '0 0 40 52', class: 'pin' },
  s('path', { d: 'M20 51C14 38 2 32 2 19a18 18 0 0 1 36 0c0 13-12 19-18 32z', fill: '#0b5a6b', stroke: '#ffffff', 'stroke-width': 2.5 }),
  s('circle', { cx: 20, cy: 19, r: 6.5, fill: '#ffffff' }));

/** A movable spot on the map. `onMove({lon, lat, accuracy_m, how})` is called whenever it settles. */
export class Place {
  constructor(map, onMove) {
    Object.assign(this, { map, onMove, spot: null, marker: null, circle: null });
    this.tapped = ({ latlng: { lng, lat } }) => {
      if (map.getZoom() < NEAR) this.show(lng, lat); // a tap on the whole city is not yet a spot: come nearer first
      this.set(lng, lat, null, 'tap');
    };
    map.on('click', this.tapped);
  }

  /** Put the pin at (lon, lat); `accuracy_m` draws the circle. */
  set(lon, lat, accuracy_m = null, how = 'tap') {
    const latlng = L.latLng(lat, lon);
    if (!this.marker) this.makeMarker(latlng);
    this.marker.setLatLng(latlng);
    this.circle?.remove();
    this.circle = accuracy_m ? L.circle(latlng, { radius: accuracy_m, color: '#0b5a6b', weight: 1, fillOpacity: 0.1, interactive: false }).addTo(this.map) : null;
    this.spot = { lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)), accuracy_m, how };
    this.onMove(this.spot);
  }

  makeMarker(latlng) {
    const icon = L.divIcon({ className: 'mark', html: pin(), iconSize: [44, 52], iconAnchor: [22, 51] });
    this.marker = L.marker(latlng, { icon, draggable: true, autoPan: true, zIndexOffset: 9000, keyboard: false }).addTo(this.map);
    this.marker.on('dragend', () => { const { lng, lat } = this.marker.getLatLng(); this.set(lng, lat, null, 'drag'); });
  }

  /** Ask the device; resolve to whether it answered. */
  ask() {
    if (!navigator.geolocation) return Promise.resolve(false);
    return new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        if (this.map) {
          this.show(coords.longitude, coords.latitude);
          this.set(coords.longitude, coords.latitude, Math.round(coords.accuracy), 'device');
        }
        resolve(true);
      }, () => resolve(false), { enableHighAccuracy: true, timeout: 8000, maximumAge: 15000 });
    });
  }

  /** Bring a spot into the part of the map that the panel leaves free, at least at a zoom. */
  show(lon, lat, least = 17) {
    const zoom = Math.max(this.map.getZoom(), least);
    const panel = document.getElementById('panel');
    const sheet = matchMedia('(max-width: 720px)').matches;
    const shift = !panel || panel.hidden ? [0, 0] : sheet ? [0, panel.offsetHeight / 2] : [panel.offsetWidth / 2, 0];
    const pixel = this.map.project([lat, lon], zoom).add(shift);
    this.map.setView(this.map.unproject(pixel, zoom), zoom);
  }

  remove() {
    this.map?.off('click', this.tapped);
    this.marker?.remove();
    this.circle?.remove();
    this.map = null;
  }
}
