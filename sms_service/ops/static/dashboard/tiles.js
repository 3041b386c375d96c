// The six figures that are read from afar. A figure has a colour only where it is a reason to act.

import { byId, element, keep, setData, setText } from "./dom.js";
import { duration, durationText, rate, t, whole } from "./language.js";

/** Seconds over which a rate is taken: a figure that jumps each second cannot be read. */
const RATE_S = 5;
/** As in sms_service/ops/verdict.py. */
const SLOW_MS = 5000;
const WAITS_LONG_S = 10;
const STUCK_S = 30;
const FULL_SHARE = 0.95;

export function showTiles({ view }, series) {
  keep(byId("tiles"), tiles(view, series), (tile) => tile.name, makeTile, fillTile);
}

function tiles(view, series) {
  const { minute, total } = view;
  const [p95, p95Unit] = minute.p95_ms === null ? ["–", ""] : duration(minute.p95_ms);
  const [oldest, oldestUnit] = view.oldest_s ? duration(view.oldest_s * 1000) : ["–", ""];
  const waiting = Math.max(view.in_flight, view.backlog?.unfinished ?? 0);
  return [
    flow("accepted", series),
    flow("replied", series),
    {
      name: "p95",
      value: p95,
      unit: p95Unit,
      note: minute.p95_ms === null ? t("tile.p95.none") : t("tile.p95.note", { p50: durationText(minute.p50_ms), p99: durationText(minute.p99_ms) }),
      level: minute.p95_ms >= SLOW_MS ? "warn" : "",
    },
    {
      name: "oldest",
      value: oldest,
      unit: oldestUnit,
      note: view.oldest_s ? t("tile.oldest.note", { count: whole(waiting) }) : t("tile.oldest.none"),
      level: view.oldest_s >= STUCK_S ? "bad" : view.oldest_s >= WAITS_LONG_S ? "warn" : "",
    },
    {
      name: "inFlight",
      value: whole(view.in_flight),
      unit: "",
      note: t("tile.inFlight.note", { max: whole(view.in_flight_max) }),
      level: view.in_flight >= FULL_SHARE * view.in_flight_max ? "warn" : "",
      full: view.in_flight / Math.max(1, view.in_flight_max),
    },
    { name: "minute", value: whole(minute.replied), unit: "", note: t("tile.minute.note", { total: whole(total.replied) }), level: "" },
  ];
}

function flow(name, series) {
  return {
    name,
    value: rate(series.mean(name, RATE_S)),
    unit: t("unit.perSecond"),
    note: t("tile.peak", { value: rate(series.highest(name)) }),
    level: "",
  };
}

function makeTile(tile) {
  const node = element("article", "tile panel");
  const value = element("p", "value");
  value.append(element("b"), element("span", "unit"));
  node.append(element("h2"), value, element("p", "note"));
  if ("full" in tile) node.append(element("div", "gauge"));
  return node;
}

function fillTile(node, tile) {
  const [heading, value, note, gauge] = node.children;
  setData(node, "level", tile.level);
  setText(heading, t(`tile.${tile.name}`));
  setText(value.children[0], tile.value);
  setText(value.children[1], tile.unit);
  setText(note, tile.note);
  gauge?.style.setProperty("--full", Math.min(1, tile.full));
}
