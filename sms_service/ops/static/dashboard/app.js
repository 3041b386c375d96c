// The page: what comes in is shown, and shown again in another language or scheme.

import { Charts } from "./charts.js";
import { byId, element, setText } from "./dom.js";
import { clock, onLanguage, otherLanguage, t, translate } from "./language.js";
import { showParts } from "./parts.js";
import { Series } from "./series.js";
import { showSmscs } from "./smscs.js";
import { read, write } from "./store.js";
import { Stream } from "./stream.js";
import { showEndings, showInstances } from "./tables.js";
import { showTiles } from "./tiles.js";
import { showStale, showVerdict } from "./verdict.js";

const RANGES = [300, 900, 3600];
const SCHEMES = ["auto", "light", "dark"];
const SERIES = ["accepted", "replied", "p50_ms", "p95_ms", "p99_ms"];

const series = new Series(SERIES);
const charts = new Charts(series);
let newest = null;
let stale = true;

function show() {
  if (!newest) return;
  if (!stale) showVerdict(newest);
  setText(byId("clock"), clock(newest.view.at));
  const { instance, instances } = newest.view;
  setText(byId("where"), t(instances.length > 1 ? "where.among" : "where.alone", { instance, count: instances.length }));
  showTiles(newest, series);
  showSmscs(newest);
  showParts(newest);
  showEndings(newest);
  showInstances(newest);
  charts.show();
}

function told(second) {
  newest = second;
  stale = false;
  const { at, second: now } = second.view;
  series.add(at, now);
  show();
}

function silent() {
  stale = true;
  if (newest) showStale(t("stale.say"), t("stale.do", { time: clock(newest.view.at), instance: newest.view.instance }));
  else showStale(t("stale.say"), t("stale.never"));
}

function setScheme(scheme) {
  write("scheme", scheme);
  document.documentElement.dataset.scheme = scheme;
  setText(byId("scheme"), t(`scheme.${scheme}`));
  charts.draw();
  show();
}

function setRange(seconds) {
  write("range", seconds);
  charts.rangeS = seconds;
  for (const button of byId("ranges").children) button.ariaPressed = String(button.value === String(seconds));
  charts.show();
}

const scheme = () => (SCHEMES.includes(read("scheme", "auto")) ? read("scheme", "auto") : "auto");
const range = () => (RANGES.includes(read("range", 900)) ? read("range", 900) : 900);

for (const seconds of RANGES) {
  const button = element("button", "range");
  button.type = "button";
  button.value = seconds;
  button.dataset.t = `range.${seconds}`;
  button.addEventListener("click", () => setRange(seconds));
  byId("ranges").append(button);
}
translate();
setScheme(scheme());
setRange(range());

byId("language").addEventListener("click", otherLanguage);
byId("scheme").addEventListener("click", () => setScheme(SCHEMES[(SCHEMES.indexOf(scheme()) + 1) % SCHEMES.length]));
onLanguage(() => {
  setText(byId("scheme"), t(`scheme.${scheme()}`));
  if (stale) silent();
  show();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setScheme(scheme()));

new Stream({
  series: SERIES,
  onHistory: (history) => {
    series.replace(history);
    charts.show();
  },
  onSecond: told,
  onStale: silent,
});
