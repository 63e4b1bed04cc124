// What a cold page needs to show the city, and no more: Folium's map, its panes, the layers and where the reader begins.
/* global L */
import { layPatterns } from './fills.js';
import { DataLayer } from './layers.js';
import { begin } from './starting.js';
import { passes, state } from './state.js';

export const map = window.civmap.map;
export const KINDS = ['points', 'segments', 'zones', 'units', 'issues'];

function panes() {
  map.createPane('zones').style.zIndex = 405;
  map.createPane('casings').style.zIndex = 410;
  map.createPane('segments').style.zIndex = 415;
  return { zones: L.svg({ pane: 'zones', padding: 0.3 }), segments: L.svg({ pane: 'segments', padding: 0.3 }) };
}

const renderers = panes();
export const layers = KINDS.map((kind) => new DataLayer(map, kind, renderers[kind]));
export const layerOf = (kind) => layers.find((layer) => layer.kind === kind);

/** Show and fetch the layers that are wanted now, hide the others. */
export function followLayers() {
  for (const layer of layers) {
    const shown = state.get('layers').includes(layer.kind);
    if (layer.shown === shown) continue;
    layer.shown = shown;
    layer.draw(passes);
    layer.loading = shown ? layer.load() : null;
  }
}

function wireFar() {
  const far = () => map.getContainer().classList.toggle('far', map.getZoom() < 14.5);
  map.on('zoomend', far);
  far();
}

const settled = (layer) => new Promise((done) => {
  const look = () => { if (!layer.shown || ['ready', 'failed'].includes(layer.state)) done(); };
  layer.addEventListener('change', look);
  look();
});

/** Draw the first picture; resolve when each layer that is wanted has come, or has failed. */
export function draw() {
  layPatterns();
  begin(map);
  wireFar();
  followLayers();
  return Promise.all(layers.map(settled));
}
