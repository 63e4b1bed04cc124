// The fills of areas that are elements of the page: laid from the theme's colours, by the recipe that tiles use too.
import { put, s } from './dom.js';
import { palette } from './ramps.js';
import { svgPatterns } from './tile-patterns.js';

/** Lay the fills anew. */
export function layPatterns() {
  const defs = document.querySelector('.patterns defs');
  if (defs) put(defs, svgPatterns(palette(), s));
}
