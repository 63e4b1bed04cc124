// Moments on server-made pages: ISO text becomes office time in the reader's language.
import { day, moment } from './texts.js';

/** Rewrite every `<time data-moment>` below a node. */
export function showMoments(root = document) {
  for (const element of root.querySelectorAll('time[data-moment]')) {
    const text = moment(element.dateTime);
    element.title = element.dateTime;
    if (text) element.textContent = text;
  }
  for (const element of root.querySelectorAll('time[data-day]')) element.textContent = day(element.dateTime);
}
