// Where one stands: the device's position as it changes, how far a stop is and in which direction.
const RADIUS_M = 6_371_008.8;
const FRESH_MS = 60_000;
const radians = (degrees) => (degrees * Math.PI) / 180;

/** Metres between two {lon, lat}. */
export function metres(one, other) {
  const [a, b] = [radians(one.lat), radians(other.lat)];
  const part = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(other.lon - one.lon) / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.sqrt(Math.min(1, part)));
}

/** Degrees from north, clockwise, in which `other` lies from `one`. */
export function bearing(one, other) {
  const [a, b, turn] = [radians(one.lat), radians(other.lat), radians(other.lon - one.lon)];
  const degrees = (Math.atan2(Math.sin(turn) * Math.cos(b), Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn)) * 180) / Math.PI;
  return (degrees + 360) % 360;
}

/** The device's position: `spot` {lon, lat, accuracy_m, at} or null, `problem` says why there is none: none, denied, unavailable. */
export class Where {
  constructor(onChange) {
    Object.assign(this, { onChange, spot: null, problem: navigator.geolocation ? null : 'none', watching: null });
    document.addEventListener('visibilitychange', () => (document.hidden ? this.stop() : this.start()));
    this.start();
  }

  start() {
    if (!navigator.geolocation || this.watching !== null) return;
    this.watching = navigator.geolocation.watchPosition(({ coords }) => {
      this.spot = { lon: Number(coords.longitude.toFixed(7)), lat: Number(coords.latitude.toFixed(7)), accuracy_m: Math.round(coords.accuracy), at: Date.now() };
      this.problem = null;
      this.onChange();
    }, ({ code }) => {
      this.problem = code === 1 ? 'denied' : 'unavailable';
      this.onChange();
    }, { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 });
  }

  stop() {
    if (this.watching !== null) navigator.geolocation.clearWatch(this.watching);
    this.watching = null;
  }

  /** The position if it is fresh enough to check in with, else null. */
  now() { return this.spot && Date.now() - this.spot.at < FRESH_MS ? this.spot : null; }
}
