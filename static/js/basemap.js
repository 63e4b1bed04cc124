// The ground under the data: the one that was chosen, or the city's own where that fails. Its absence never hides the data.
import { vectorLayer, pictureLayers } from './ground-tiles.js';
import { page } from './page.js';
import { t } from './texts.js';
import { vendor } from './vendor.js';

export const OFFLINE = 'offline';
const NONE = { id: OFFLINE, attribution: '', approval: '' };

function line({ attribution, approval }) {
  const number = approval && !/审图号/.test(approval) && /[(（]\d{4}[)）]/.test(approval) ? t('js.ground.approval', { number: approval }) : approval;
  return [attribution, number].filter(Boolean).join(' · ');
}

async function factsOf(id) {
  try {
    const answer = await fetch(`/ground/${id}.json`, { headers: { Accept: 'application/json' }, priority: 'low' });
    const body = await answer.json();
    if (answer.ok && body.form === 'vector') await vendor('protomaps-leaflet/protomaps-leaflet.js');
    return answer.ok ? { facts: body } : { code: body.code };
  } catch {
    return { code: 'no_connection' };
  }
}

/** The ground of one map. Fires `change` {id, state: loading | ready | lost, code}. */
export class Basemap extends EventTarget {
  constructor(map, rows = page.grounds ?? []) {
    super();
    Object.assign(this, { map, rows, id: '', layers: [], beneath: [], thanks: '', turn: 0, facts: new Map() });
    document.addEventListener('themechange', () => this.repaint());
  }

  row(id) { return this.rows.find((row) => row.id === id) ?? { ...NONE, id, attribution: page.attribution ?? '' }; }

  tell(id, state, code) { this.dispatchEvent(new CustomEvent('change', { detail: { id, state, code } })); }

  /** Lay a ground; the city's own lies below until the view is full, and stays where none comes. */
  async use(id) {
    const turn = ++this.turn;
    const stale = () => turn !== this.turn;
    this.id = id;
    this.clear();
    this.thank(this.row(id));
    this.map.getContainer().dataset.ground = this.row(id).imagery ? 'imagery' : 'paper';
    if (id === 'plain') return this.tell(id, 'ready');
    this.tell(id, 'loading');
    if (id !== OFFLINE) await this.under();
    const { facts, code } = await this.ask(id);
    if (stale()) return null;
    if (!facts) return this.lost(id, code);
    if (facts.form === 'plain') return this.tell(id, 'ready');
    const handlers = { onLost: (why) => { if (!stale()) this.lost(id, why); }, onFirst: () => { if (!stale()) this.arrived(id); } };
    this.layers = facts.form === 'vector' ? [vectorLayer(facts, handlers)] : pictureLayers(facts, handlers);
    for (const layer of this.layers) layer.addTo(this.map);
    return null;
  }

  async ask(id) {
    if (this.facts.has(id)) return { facts: this.facts.get(id) };
    const said = await factsOf(id);
    if (said.facts) this.facts.set(id, said.facts);
    return said;
  }

  /** Lay the city's own ground below. */
  async under() {
    const turn = this.turn;
    const { facts } = await this.ask(OFFLINE);
    if (facts?.form !== 'vector' || turn !== this.turn || this.beneath.length) return;
    this.beneath = [vectorLayer(facts).setZIndex(1).addTo(this.map)];
  }

  arrived(id) {
    this.away('beneath');
    this.tell(id, 'ready');
  }

  lost(id, code) {
    this.away('layers');
    if (id !== OFFLINE) {
      this.map.getContainer().dataset.ground = 'paper';
      this.thank(this.row(OFFLINE));
    }
    this.tell(id, 'lost', code);
  }

  away(name) {
    for (const layer of this[name]) layer.remove();
    this[name] = [];
  }

  clear() { this.away('layers'); this.away('beneath'); }

  /** Paint again in the colours of another theme: only vectors have any of their own. */
  repaint() {
    if (!this.id || !this.map.getContainer().isConnected) return; // the second map of a comparison may be gone
    const vector = this.beneath.length || this.facts.get(this.id)?.form === 'vector';
    if (vector) this.use(this.id);
  }

  /** Thank the ground's authors in the corner, with the map's approval number; Leaflet takes markup there, so the text is escaped first. */
  thank(row) {
    const corner = this.map.attributionControl;
    if (this.thanks) corner.removeAttribution(this.thanks);
    const escaped = document.createElement('span');
    escaped.textContent = line(row);
    this.thanks = escaped.innerHTML;
    if (this.thanks) corner.addAttribution(this.thanks);
  }
}

/** Lay the ground that the settings name first; a page with a small map needs no more. */
export function layGround(map) {
  const ground = new Basemap(map);
  ground.use(ground.rows[0]?.id ?? OFFLINE);
  return ground;
}
