// What colour a value or a status has: the colours come from the style sheet, so themes and print speak one language.
export const MOST_CLASSES = 5;
const NAMES = ['none', 'open', 'due-soon', 'overdue', 'on-none', 'on-open', 'on-due-soon', 'on-overdue', 'due-soon-line', 'due-soon-edge',
  'plate', 'edge', 'label', 'casing', 'neutral', 'chosen', 'selected', 'hatch'];

/** Return the map's colours as they are now: statuses, their inks, casing, marks and the ramp. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--map-${name}`).trim();
  const colours = Object.fromEntries(NAMES.map((name) => [name.replaceAll('-', '_'), read(name)]));
  colours.ramp = Array.from({ length: MOST_CLASSES }, (_, index) => read(`ramp-${index + 1}`));
  colours.font = style.getPropertyValue('--font-digits').trim() || 'sans-serif';
  colours.words = style.getPropertyValue('--font').trim() || 'sans-serif';
  colours.strong = document.documentElement.dataset.contrast === 'more';
  return colours;
}

/** Return which class a value falls into by the breaks b0 … bn: lower edge inside, the last class closed; -1 without a value. */
export function classOf(value, breaks) {
  if (value === null || value === undefined || !breaks || breaks.length < 2) return -1;
  let index = 0;
  while (index < breaks.length - 2 && value >= breaks[index + 1]) index += 1;
  return index;
}

/** Return the steps of the ramp (0 … 4) that so many classes take: the ends always, the others spread between. */
export function steps(classes) {
  if (classes <= 1) return [2];
  return Array.from({ length: classes }, (_, index) => Math.round((index * (MOST_CLASSES - 1)) / (classes - 1)));
}

/** Kinds of zones that cover the whole city: hollow unless they are alone. */
export const TILING = new Set(['subdistrict', 'community', 'grid', 'town', 'district']);

/** Return the class of a thing by its layer's scale, or -1. */
export const stepOf = (props, scale) => {
  const index = classOf(props.value, scale.breaks);
  return index < 0 ? -1 : scale.steps[index];
};

/** Tell whether the legend's taps leave a thing on the map. */
export function isWanted(props, scale) {
  if (scale.statuses?.length && !scale.statuses.includes(props.status ?? 'none')) return false;
  return !scale.classes?.length || scale.classes.includes(classOf(props.value, scale.breaks));
}

const LESS_IS_WORSE = new Set(['rectification_rate']);

/** Return each class's step of the ramp: the strong end is always the one to worry about. */
export function stepsFor(by, classes) {
  const up = steps(classes);
  return LESS_IS_WORSE.has(by) ? up.reverse() : up;
}

/** Return relative luminance (0 … 1) of `#rrggbb`. */
export function luminance(colour) {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Return black or white, whichever reads better on a colour. */
export const inkOn = (colour) => (luminance(colour) > 0.24 ? '#14222a' : '#ffffff');
