// What the gateway tells: the last hour once, then each second. A page that is told nothing for a while says so: old figures that look
// new are worse than none.

/** Seconds without a word after which the page is stale: three that were missed. */
const STALE_S = 4;
const RETRY_MS = 2000;

export class Stream {
  constructor({ series, onHistory, onSecond, onStale }) {
    this.history = `/api/history?${series.map((name) => `series=${name}`).join("&")}`;
    this.onHistory = onHistory;
    this.onSecond = onSecond;
    this.onStale = onStale;
    this.heardAt = performance.now();
    setInterval(() => this.look(), 1000);
    this.open();
  }

  open() {
    const source = new EventSource("/api/stream");
    source.addEventListener("open", () => this.catchUp());
    source.addEventListener("second", (event) => {
      this.heardAt = performance.now();
      this.onSecond(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      setTimeout(() => this.open(), RETRY_MS);
    });
  }

  /** Fetches the hour: at first, and after each gap. */
  async catchUp() {
    try {
      const response = await fetch(this.history, { cache: "no-store" });
      if (response.ok) this.onHistory(await response.json());
    } catch {
      // the stream is lost too, and the next time it opens this is tried again
    }
  }

  look() {
    if (performance.now() - this.heardAt > STALE_S * 1000) this.onStale();
  }
}
