// The last hour as the page holds it: one column of times, one of values for each series, all of one length.

const SECONDS = 3600;

export class Series {
  constructor(names) {
    this.names = names;
    this.times = [];
    this.values = Object.fromEntries(names.map((name) => [name, []]));
  }

  /** Takes the hour that the gateway keeps, in place of what was here. */
  replace({ until, step_s: step, series }) {
    const count = Math.max(0, ...this.names.map((name) => series[name]?.length ?? 0));
    this.times = Array.from({ length: count }, (_, index) => Math.round(until - (count - 1 - index) * step));
    for (const name of this.names) {
      this.values[name] = series[name]?.length === count ? series[name] : new Array(count).fill(null);
    }
  }

  /** Adds a second; one that is there already is passed over. */
  add(at, values) {
    const time = Math.round(at);
    if (this.times.length && time <= this.times.at(-1)) return;
    this.times.push(time);
    for (const name of this.names) this.values[name].push(values[name] ?? null);
    if (this.times.length > SECONDS) {
      this.times.shift();
      for (const name of this.names) this.values[name].shift();
    }
  }

  /** The mean of the newest values; 0 where there are none. */
  mean(name, seconds) {
    const found = this.values[name].slice(-seconds).filter((value) => value !== null);
    return found.length ? found.reduce((sum, value) => sum + value, 0) / found.length : 0;
  }

  highest(name) {
    return this.values[name].reduce((highest, value) => Math.max(highest, value ?? 0), 0);
  }

  /** Times and some series since a moment, as uPlot takes them. */
  since(start, names) {
    const index = this.times.findIndex((time) => time >= start);
    const from = index < 0 ? this.times.length : index;
    return [this.times.slice(from), ...names.map((name) => this.values[name].slice(from))];
  }
}
