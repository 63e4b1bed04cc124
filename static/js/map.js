// The map page: first the city's picture, and when it stands everything that one can do with it.
import { tellCalm } from './calm.js';
import { wireDrawn } from './drawn.js';
import { draw, layers, map } from './map-layers.js';

const PATIENCE = 1500; // a slow answer does not keep the tools from the reader

const nextPaint = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); setTimeout(done, PATIENCE); });

/** Name the modules of the tools at once, so that none waits for another to name it. */
function nameModules() {
  const later = JSON.parse(document.getElementById('later')?.textContent ?? '[]');
  document.head.append(...later.map((href) => Object.assign(document.createElement('link'), { rel: 'modulepreload', href })));
}

async function start() {
  const drawn = draw();
  wireDrawn({ layers, map });
  await Promise.race([drawn, new Promise((done) => { setTimeout(done, PATIENCE); })]);
  await nextPaint();
  nameModules();
  try {
    (await import('./map-city.js')).wire();
  } finally {
    tellCalm();
  }
}

start();
