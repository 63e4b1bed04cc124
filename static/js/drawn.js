// Says when the map is whole: `data-drawn` of the document is 'true' while every layer that is shown is loaded and drawn.
/** Wire the word; benches, tests and prints wait for it. */
export function wireDrawn({ layers, map }) {
  const root = document.documentElement;
  let turn = 0;
  const isWhole = () => layers.every((layer) => !layer.shown || (layer.state === 'ready' && !layer.carrier.isBusy));
  const look = async () => {
    turn += 1;
    const mine = turn;
    if (root.dataset.drawn !== 'false') root.dataset.drawn = 'false';
    if (!isWhole()) return;
    await Promise.all(layers.filter((layer) => layer.shown).map((layer) => layer.carrier.rest?.()));
    if (mine === turn && isWhole()) root.dataset.drawn = 'true';
  };
  for (const layer of layers) {
    layer.addEventListener('change', look);
    layer.carrier.grid?.on('loading load', look);
  }
  map.on('moveend', look);
  look();
}
