// The pencil: one polygon on the map, drawn and reshaped by mouse or finger with Geoman's free edition.
/* global L */
import { h } from './dom.js';
import { lang } from './texts.js';

const VENDOR = '/static/vendor/leaflet-geoman-free';
const STYLE = { color: '#0b5a6b', weight: 3, fillColor: '#0b5a6b', fillOpacity: 0.16, dashArray: null };

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error(element.src || element.href));
    document.head.append(element);
  });
}

/** Fetch the drawing library on first use: most visitors never draw. */
export async function sharpen(map) {
  if (!L.PM) {
    await Promise.all([loaded(h('link', { rel: 'stylesheet', href: `${VENDOR}/leaflet-geoman.css` })), loaded(h('script', { src: `${VENDOR}/leaflet-geoman.min.js` }))]);
  }
  if (!map.pm) {
    map.pm = new L.PM.Map(map);
    map.pm.setGlobalOptions({});
  }
  map.pm.setLang(lang);
}

export class Pencil {
  /** `onChange(geometry or null)` is called after each stroke. */
  constructor(map, onChange) {
    Object.assign(this, { map, onChange, layer: null });
    this.created = ({ layer }) => { layer.remove(); this.take(layer.toGeoJSON(9).geometry); this.reveal(); };
    map.on('pm:create', this.created);
    map.on('pm:drawstart', this.started = ({ workingLayer }) => workingLayer.on('pm:vertexadded', () => this.onChange(null)));
  }

  /** Begin a new outline. */
  start() {
    this.clear();
    this.map.pm.enableDraw('Polygon', { snappable: true, snapDistance: 14, allowSelfIntersection: true, tooltips: true, templineStyle: STYLE, hintlineStyle: { ...STYLE, dashArray: '5 6' }, pathOptions: STYLE, continueDrawing: false });
    this.onChange(null);
  }

  /** Take a geometry as the outline and make it editable. */
  take(geometry) {
    this.clear();
    const group = L.geoJSON({ type: 'Feature', properties: {}, geometry }, { style: () => STYLE });
    [this.layer] = group.getLayers();
    this.layer.addTo(this.map);
    if (!this.layer.pm) L.PM.reInitLayer(this.layer);
    this.layer.pm.enable({ allowSelfIntersection: true, snappable: true, snapDistance: 14, hideMiddleMarkers: false });
    for (const event of ['pm:edit', 'pm:markerdrag', 'pm:vertexremoved', 'pm:vertexadded']) this.layer.on(event, () => this.onChange(this.geometry()));
    this.onChange(this.geometry());
  }

  /** Take the last corner back while drawing. */
  back() {
    this.map.pm.Draw.Polygon._removeLastVertex?.();
  }

  get drawing() {
    return this.map.pm.globalDrawModeEnabled();
  }

  /** The outline as GeoJSON with 9 decimals, or null. */
  geometry() {
    return this.layer ? this.layer.toGeoJSON(9).geometry : null;
  }

  show() {
    const panel = document.getElementById('panel').getBoundingClientRect();
    const isSheet = panel.width >= this.map.getSize().x - 20;
    const padding = { paddingTopLeft: [40, 70], paddingBottomRight: isSheet ? [40, panel.height + 20] : [panel.width + 40, 70] };
    if (this.layer) this.map.fitBounds(this.layer.getBounds(), { maxZoom: 19, ...padding });
  }

  /** On a phone the form rises over the map once the outline is closed: bring the outline above it. */
  reveal() {
    const panel = document.getElementById('panel').getBoundingClientRect();
    const low = this.map.latLngToContainerPoint(this.layer.getBounds().getSouthWest()).y + this.map.getContainer().getBoundingClientRect().top;
    if (panel.width >= this.map.getSize().x - 20 && low > panel.top) this.show();
  }

  clear() {
    this.map.pm.disableDraw();
    this.layer?.pm?.disable();
    this.layer?.remove();
    this.layer = null;
  }

  remove() {
    this.clear();
    this.map.off('pm:create', this.created);
    this.map.off('pm:drawstart', this.started);
  }
}
