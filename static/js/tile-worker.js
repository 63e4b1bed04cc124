// The worker's door: hands the page's words to the studio and the studio's pictures to the page.
import { Studio } from './tile-studio.js';

const studio = new Studio((message, transfer = []) => self.postMessage(message, transfer));
self.onmessage = ({ data }) => studio.hear(data);
self.onunhandledrejection = ({ reason }) => self.postMessage({ did: 'trouble', said: String(reason?.stack ?? reason) });
self.postMessage({ did: 'open' });
