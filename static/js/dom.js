// Building elements. Text always enters as text: no module of ours writes markup from data.
const SVG = 'http://www.w3.org/2000/svg';

const release = new URL(import.meta.url).search;

export const $ = (id) => document.getElementById(id);

function fill(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Make an HTML element: `h('a', {href, class: 'x', onclick: f}, 'text', other)`. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else element.setAttribute(name, value);
  }
  return fill(element, children);
}

/** Make an SVG element. */
export function s(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
  return fill(element, children);
}

/** Make an icon of the sprite. */
export function icon(name) {
  return s('svg', { class: 'icon', 'aria-hidden': 'true' }, s('use', { href: `/static/img/icons.svg${release}#${name}` }));
}

/** Put children in place of what an element held. */
export function put(element, ...children) {
  element.replaceChildren();
  return fill(element, children);
}

/** Make a definition list of `[term, value]` pairs; pairs without a value are left out. */
export function facts(pairs) {
  const kept = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return h('dl', { class: 'facts' }, kept.map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
}

/** Make a notice; `tone` is bad, good or care. */
export function notice(tone, ...children) {
  return h('div', { class: `notice notice-${tone}`, role: tone === 'bad' ? 'alert' : null }, h('div', {}, children));
}

/** Run `work` at most once per pause of `wait` milliseconds. */
export function debounce(work, wait) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), wait);
  };
}
