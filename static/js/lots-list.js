// The list of draws: moments in the reader's words.
import { showMoments } from './moments.js';

showMoments();
