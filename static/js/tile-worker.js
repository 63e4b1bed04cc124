// The worker's door: hands the page's words to the studio and the studio's pictures to the page.
// All that the studio needs is named here, deepest first, so that no module waits until another has named it.
import '../vendor/point-geometry/index.js';
import '../vendor/pbf/index.js';
import '../vendor/vector-tile/index.js';
import './figures.js';
import './ramps.js';
import './tile-decode.js';
import './tile-marks.js';
import './tile-overlay.js';
import './tile-paint.js';
import './tile-patterns.js';
import './tile-pick.js';
import './tile-store.js';
import { Studio } from './tile-studio.js';

const studio = new Studio((message, transfer = []) => self.postMessage(message, transfer));
self.onmessage = ({ data }) => studio.hear(data);
self.onunhandledrejection = ({ reason }) => self.postMessage({ did: 'trouble', said: String(reason?.stack ?? reason) });
self.postMessage({ did: 'open' });
