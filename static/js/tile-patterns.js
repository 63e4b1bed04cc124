// The fills of areas, as canvas patterns of 8 px (so that they run on across tiles) and as SVG patterns of the page: one recipe.
const SIDE = 8;

/** Return the recipe of every fill: ground colour with its strength, and what is drawn on it. */
export function recipes(colours) {
  const strong = colours.strong;
  const ground = (colour, alpha) => ({ colour, alpha });
  const found = {
    none: { ...ground(colours.none, strong ? 0.1 : 0.07), strokes: [] },
    open: { ...ground(colours.open, 0.14), mark: colours.open, width: strong ? 2.4 : 1.9, strokes: ['rise'] },
    due_soon: { ...ground(colours.due_soon, 0.24), mark: colours.due_soon_line || colours.due_soon, strokes: ['dot'] },
    overdue: { ...ground(colours.overdue, 0.22), mark: colours.overdue, width: strong ? 2.2 : 1.7, strokes: ['rise', 'fall'] },
    bare: { ...ground(colours.neutral, 0.06), strokes: [] },
  };
  const strengths = [0.45, 0.6, 0.68, 0.74, 0.8]; // the ground's names stay readable below
  const cues = [[], ['dot'], ['rise'], ['rise', 'fall'], ['rise', 'fall', 'dot']];
  colours.ramp.forEach((colour, step) => {
    found[`ramp-${step}`] = { ...ground(colour, strong ? 0.9 : strengths[step]), mark: colours.hatch, width: 0.9, strokes: cues[step] };
  });
  return found;
}

const PATHS = { rise: 'M-2 2L2 -2M0 8L8 0M6 10L10 6', fall: 'M-2 6L2 10M0 0L8 8M6 -2L10 2' };

/** Return the recipes as canvas patterns; `makeCanvas(w, h)` gives a canvas. */
export function canvasPatterns(ctx, colours, dpr, makeCanvas) {
  const side = Math.round(SIDE * dpr);
  const made = {};
  for (const [name, recipe] of Object.entries(recipes(colours))) {
    const canvas = makeCanvas(side, side);
    const pen = canvas.getContext('2d');
    pen.scale(side / SIDE, side / SIDE);
    pen.globalAlpha = recipe.alpha;
    pen.fillStyle = recipe.colour;
    pen.fillRect(0, 0, SIDE, SIDE);
    pen.globalAlpha = 1;
    pen.strokeStyle = recipe.mark;
    pen.fillStyle = recipe.mark;
    pen.lineWidth = recipe.width;
    for (const stroke of recipe.strokes) {
      if (stroke === 'dot') { pen.beginPath(); pen.arc(4, 4, 1.6, 0, 7); pen.fill(); } else pen.stroke(new Path2D(PATHS[stroke]));
    }
    made[name] = ctx.createPattern(canvas, 'repeat');
  }
  return made;
}

/** Return the recipes as SVG `<pattern>` elements; `s` makes an SVG element. */
export function svgPatterns(colours, s) {
  return Object.entries(recipes(colours)).map(([name, recipe]) => {
    const id = name.startsWith('ramp') ? name : `hatch-${name}`;
    const pattern = s('pattern', { id, width: SIDE, height: SIDE, patternUnits: 'userSpaceOnUse' },
      s('rect', { width: SIDE, height: SIDE, fill: recipe.colour, 'fill-opacity': recipe.alpha }));
    for (const stroke of recipe.strokes) {
      pattern.append(stroke === 'dot' ? s('circle', { cx: 4, cy: 4, r: 1.6, fill: recipe.mark })
        : s('path', { d: PATHS[stroke], stroke: recipe.mark, 'stroke-width': recipe.width, fill: 'none' }));
    }
    return pattern;
  });
}
