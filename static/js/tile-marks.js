// Marks on a canvas: places, seats, issues and clusters with the same outlines as in SVG, painted once and stamped.
import { CLASS_SIZE, DROP, PLATE, RANK, SIZE, circle, clusterOutline, clusterSize, countLine, outlineOf, shortCount, shortValue } from './figures.js';
import { inkOn, stepOf } from './ramps.js';

const ROOM = 8; // around a symbol, for rings and shadow

function write(ctx, text, x, y, colour, font, size = 12) {
  ctx.fillStyle = colour;
  ctx.font = `650 ${size}px ${font}`;
  ctx.textAlign = 'center';
  ctx.fillText(text, x, y);
}

function fillAndEdge(ctx, d, fill, edge, width) {
  const path = new Path2D(d);
  ctx.lineJoin = 'round';
  ctx.fillStyle = fill;
  ctx.fill(path);
  ctx.strokeStyle = edge;
  ctx.lineWidth = width;
  ctx.stroke(path);
}

function place(ctx, status, count, size, colours) {
  const box = size < 20 ? Math.max(24, SIZE[status]) : size;
  ctx.save();
  ctx.scale(size / box, size / box);
  const soon = status === 'due_soon';
  fillAndEdge(ctx, outlineOf(status, box), colours[status], soon ? colours.due_soon_edge : colours.casing, soon ? 1.6 : 2);
  ctx.restore();
  if (count && size > 18) write(ctx, count > 99 ? '99+' : String(count), size / 2, countLine(status, size), colours[`on_${status}`], colours.font);
}

function measured(ctx, step, late, value, size, colours) {
  if (late) {
    const ring = new Path2D(circle(size, size / 2 + 3.5));
    for (const [colour, width] of [[colours.casing, 5], [colours.overdue, 2.6]]) { ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.stroke(ring); }
  }
  const bare = step < 0;
  const fill = bare ? colours.plate : colours.ramp[step];
  fillAndEdge(ctx, circle(size), fill, bare ? colours.neutral : step < 2 ? colours.edge : colours.casing, step < 2 ? 1.2 : 2);
  const said = bare ? '–' : shortValue(value);
  if (size > 18 || bare) write(ctx, said, size / 2, size / 2 + 4.2, bare ? colours.label : inkOn(fill), colours.font, said.length > 3 ? 10 : 12);
}

function inside(ctx, facts, size, colours) {
  if (facts.mode === 'value') measured(ctx, facts.step, facts.late, facts.value, size, colours);
  else if (facts.mode === 'neutral') fillAndEdge(ctx, circle(size), colours.neutral, colours.casing, 2);
  else place(ctx, facts.status, facts.count, size, colours);
}

const DRAW = {
  points: (ctx, facts, { w }, colours) => inside(ctx, facts, w, colours),
  units(ctx, facts, size, colours) {
    fillAndEdge(ctx, PLATE, colours.plate, colours.edge, 1.8);
    ctx.translate(6, 12);
    inside(ctx, facts, 22, colours);
  },
  issues(ctx, facts, size, colours) {
    fillAndEdge(ctx, DROP, colours.plate, colours[facts.status], 2);
    ctx.translate(6, 6);
    place(ctx, facts.status, 0, 14, colours);
  },
  cluster(ctx, { kind, status, count, mode, step }, { w }, colours) {
    const edge = mode === 'status' ? colours[status] : status === 'overdue' ? colours.overdue : colours.neutral;
    const fill = step >= 0 ? colours.ramp[step] : colours.plate;
    const outline = clusterOutline(kind, w);
    const width = kind === 'units' ? 3 : 4;
    fillAndEdge(ctx, outline, fill, colours.casing, width + 3);
    fillAndEdge(ctx, outline, fill, edge, width);
    const ink = step >= 0 ? inkOn(fill) : colours.label;
    write(ctx, shortCount(count), w / 2, w / 2 + 6, ink, colours.font, count > 999 ? 13 : 14);
    if (mode !== 'status' && status !== 'overdue') return;
    ctx.translate(w / 2 - 7.5, -1);
    place(ctx, status, 0, 15, colours);
  },
};

/** Return what a mark looks like: its drawing, size, where its spot lies in it, and how far it is hit. */
export function factsOf(mark, scale, far) {
  const { kind, props } = mark;
  const status = props.status ?? 'none';
  const mode = kind === 'issues' ? 'status' : scale.mode;
  const step = mode === 'value' ? stepOf(props, scale) : -1;
  if (mark.cluster) {
    const shaped = kind === 'zones' || kind === 'segments'; // below single places, and a little smaller
    const w = clusterSize(props.count) - (shaped ? 4 : 0);
    return { draw: 'cluster', kind, mode, status, step, count: props.count, w, h: w, ax: w / 2, ay: w / 2, shrink: 1, rank: (shaped ? -10 : 10) + RANK[status] };
  }
  const facts = { draw: kind, kind, mode, status, step, late: mode === 'value' && status === 'overdue', value: props.value, count: props.open_issues, shrink: far ? 0.72 : 1, rank: mode === 'value' ? step : RANK[status] };
  if (kind === 'units') return { ...facts, w: 34, h: 38, ax: 17, ay: 36 };
  if (kind === 'issues') return { ...facts, w: 26, h: 34, ax: 13, ay: 33 };
  if (mark.tiny) return { ...facts, draw: 'points', count: 0, w: 14, h: 14, ax: 7, ay: 7, rank: facts.rank - 20 };
  const w = mode === 'value' ? CLASS_SIZE[step] ?? 16 : mode === 'neutral' ? 12 : SIZE[status];
  return { ...facts, w, h: w, ax: w / 2, ay: w / 2 };
}

/** The stamps of one palette and one screen: each look is drawn once. */
export class Stamps {
  constructor(colours, dpr, makeCanvas) {
    Object.assign(this, { colours, dpr, makeCanvas, kept: new Map() });
  }

  stamp(facts) {
    const counted = facts.count > 99 ? '99+' : facts.count;
    const shown = facts.draw === 'cluster' ? shortCount(facts.count) : facts.mode === 'value' ? shortValue(facts.value) : counted;
    const key = [facts.draw, facts.kind, facts.mode, facts.status, facts.step, facts.late, shown, facts.w].join('|');
    return this.kept.get(key) ?? this.kept.set(key, this.make(facts)).get(key);
  }

  make(facts) {
    const canvas = this.makeCanvas(Math.ceil((facts.w + 2 * ROOM) * this.dpr), Math.ceil((facts.h + 2 * ROOM) * this.dpr));
    const ctx = canvas.getContext('2d');
    ctx.scale(this.dpr, this.dpr);
    ctx.translate(ROOM, ROOM);
    DRAW[facts.draw](ctx, facts, facts, this.colours);
    return canvas;
  }

  /** Draw a mark with its spot at (x, y) in device pixels. */
  draw(ctx, facts, x, y) {
    const canvas = this.stamp(facts);
    const { shrink } = facts;
    ctx.drawImage(canvas, Math.round(x - (facts.ax + ROOM) * this.dpr * shrink), Math.round(y - (facts.ay + ROOM) * this.dpr * shrink), canvas.width * shrink, canvas.height * shrink);
  }
}
