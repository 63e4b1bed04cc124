// Moving stops in the lists: by pointer or finger on the number, by keys on it; onto another team's list, or onto its tab.
import { h } from './dom.js';
import { t } from './texts.js';

const AWAY_PX = 5; // a tap is no drag
const EDGE_PX = 70; // from here on the page scrolls by itself
const STEP_PX = 12;
const BAR_PX = 56;

export class Dragging {
  /** `acts`: canMove(code), move(code, team, position) where position null is the cheapest place of that team. */
  constructor(root, acts) {
    Object.assign(this, { root, acts, now: null });
    this.line = h('li', { class: 'round-drop', 'aria-hidden': 'true' });
    root.addEventListener('pointerdown', (event) => this.begin(event));
    root.addEventListener('click', (event) => { if (this.wasDrag) { event.preventDefault(); event.stopPropagation(); this.wasDrag = false; } }, true);
    this.moved = (event) => this.follow(event);
    this.ended = (event) => this.end(event);
    this.keyed = (event) => { if (event.key === 'Escape') { event.stopPropagation(); this.stop(); } };
  }

  begin(event) {
    const grip = event.target.closest('.round-grip');
    const row = grip?.closest('.round-row');
    if (!row || event.button !== 0 || this.now || !this.acts.canMove(row.dataset.code)) return;
    this.wasDrag = false;
    this.now = { row, code: row.dataset.code, id: event.pointerId, from: [event.clientX, event.clientY], grip };
    document.addEventListener('pointermove', this.moved, { passive: false });
    document.addEventListener('pointerup', this.ended);
    document.addEventListener('pointercancel', this.ended);
    document.addEventListener('keydown', this.keyed, true);
  }

  lift() {
    const { row } = this.now;
    const box = row.getBoundingClientRect();
    const ghost = row.cloneNode(true);
    ghost.classList.add('round-ghost');
    ghost.setAttribute('aria-hidden', 'true');
    ghost.style.width = `${box.width}px`;
    for (const part of ghost.querySelectorAll('details, .round-leg')) part.remove();
    document.body.append(ghost);
    row.classList.add('is-lifted');
    document.body.classList.add('is-sorting');
    Object.assign(this.now, { ghost, isLifted: true });
    this.scroll();
  }

  follow(event) {
    const { now } = this;
    if (event.pointerId !== now.id) return;
    now.spot = [event.clientX, event.clientY];
    if (!now.isLifted) {
      if (Math.hypot(now.spot[0] - now.from[0], now.spot[1] - now.from[1]) < AWAY_PX) return;
      this.lift();
    }
    event.preventDefault();
    now.ghost.style.transform = `translate(${now.spot[0] + 12}px, ${now.spot[1] - 22}px)`;
    this.look();
  }

  /** Find what lies under the pointer: a place in a list, or the tab of a team. */
  look() {
    const { now } = this;
    const under = document.elementFromPoint(...now.spot);
    const tab = under?.closest('.round-tab[data-team]');
    const list = under?.closest('.round-team')?.querySelector('.round-stops');
    this.root.querySelector('.round-tab.is-aimed')?.classList.remove('is-aimed');
    now.aim = null;
    if (tab) {
      tab.classList.add('is-aimed');
      this.line.remove();
      now.aim = { team: Number(tab.dataset.team), position: null };
    } else if (list) this.between(list);
    else this.line.remove();
  }

  between(list) {
    const { now } = this;
    const rows = [...list.querySelectorAll('.round-row')].filter((row) => row !== now.row);
    const next = rows.find((row) => { const box = row.getBoundingClientRect(); return now.spot[1] < box.top + box.height / 2; });
    if (next) next.before(this.line);
    else list.append(this.line);
    const before = next ? rows.indexOf(next) : rows.length;
    now.aim = { team: Number(list.dataset.team), position: before + 1 };
  }

  /** Near an edge the page goes on by itself; over the tabs it is the tabs that do. */
  scroll() {
    if (!this.now?.isLifted) return;
    const [x, y] = this.now.spot;
    const tabs = document.elementFromPoint(x, y)?.closest('.round-tabs');
    const { left, right } = tabs?.getBoundingClientRect() ?? {};
    const aside = tabs ? (x < left + EDGE_PX / 2 ? -1 : x > right - EDGE_PX / 2 ? 1 : 0) : 0;
    const step = tabs ? 0 : y < EDGE_PX + BAR_PX ? -1 : y > innerHeight - EDGE_PX ? 1 : 0;
    if (aside) tabs.scrollLeft += (aside * STEP_PX) / 3;
    if (step) window.scrollBy(0, step * STEP_PX);
    if (aside || step) this.look();
    requestAnimationFrame(() => this.scroll());
  }

  end(event) {
    if (event.pointerId !== this.now.id) return;
    const { aim, code, isLifted, row } = this.now;
    const [team, position] = [Number(row.closest('.round-stops').dataset.team), Number(row.dataset.position)];
    this.wasDrag = Boolean(isLifted);
    setTimeout(() => { this.wasDrag = false; });
    this.stop();
    if (event.type === 'pointerup' && isLifted && aim && (aim.team !== team || (aim.position !== null && aim.position !== position))) this.acts.move(code, aim.team, aim.position);
  }

  stop() {
    const { now } = this;
    now?.ghost?.remove();
    now?.row.classList.remove('is-lifted');
    this.line.remove();
    this.root.querySelector('.round-tab.is-aimed')?.classList.remove('is-aimed');
    document.body.classList.remove('is-sorting');
    document.removeEventListener('pointermove', this.moved);
    document.removeEventListener('pointerup', this.ended);
    document.removeEventListener('pointercancel', this.ended);
    document.removeEventListener('keydown', this.keyed, true);
    this.now = null;
  }
}

/** Wire the keys of a stop: arrows go along the list, with Alt they move the stop, L locks, Delete takes out, M opens its menu. */
export function wireKeys(root, acts) {
  root.addEventListener('keydown', (event) => {
    const row = event.target.closest?.('.round-row');
    if (!row || !event.target.matches('.round-grip') || event.ctrlKey || event.metaKey) return;
    const { code } = row.dataset;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const key = event.key.toLowerCase();
    if (step && !event.altKey) walk(row, step);
    else if (step) acts.step(code, step);
    else if (aside && event.altKey) acts.aside(code, aside);
    else if (key === 'l' && !event.altKey) acts.lock(code);
    else if (key === 'delete') acts.remove(code);
    else if (key === 'm' && !event.altKey) { const menu = row.querySelector('details.menu'); if (menu) { menu.open = true; menu.querySelector('summary').focus(); } }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function walk(row, step) {
  const rows = [...document.querySelectorAll('.round-team:not([hidden]) .round-row')];
  const next = rows[rows.indexOf(row) + step];
  next?.querySelector('.round-grip').focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Say where a stop has gone, for ears. */
export function sayMoved(box, name, team, position) {
  box.textContent = t('js.round.moved', { name, team, n: position });
}
