// The operators' SMSCs: whether they are bound, what passes, and how full the window of each bind is.

import { byId, element, keep, setData, setText, setTitle } from "./dom.js";
import { durationText, rate, t, whole } from "./language.js";

/** Binds of an SMSC beyond which a cell is a mark without figures. */
const FIGURES_MAX = 24;
/** Of its window: a bind that has less was throttled, or not answered. */
const NARROW_SHARE = 0.5;

export function showSmscs({ view }) {
  keep(byId("smscs").querySelector(".list"), view.smscs, (smsc) => smsc.name, makeSmsc, fillSmsc);
}

function makeSmsc() {
  const node = element("article", "smsc");
  const head = element("div", "head");
  head.append(element("h3"), element("p", "badge"), element("p", "flows"), element("p", "throttled"));
  node.append(head, element("ul", "binds"));
  return node;
}

function fillSmsc(node, smsc) {
  const [heading, badge, flows, throttled] = node.children[0].children;
  const wanted = smsc.binds.length;
  setText(heading, smsc.name);
  const ordered = smsc.binds.every(({ bind }) => bind.state === "stopped");
  setData(badge, "level", smsc.bound === wanted ? "well" : smsc.bound > 0 || ordered ? "warn" : "bad");
  setText(badge, t("smsc.binds", { bound: smsc.bound, wanted }));
  setText(flows, `${t("smsc.in")} ${rate(smsc.accepted)} · ${t("smsc.out")} ${rate(smsc.segments)} ${t("unit.perSecond")}`);
  throttled.hidden = !smsc.throttled_minute;
  setText(throttled, t("smsc.throttled", { count: whole(smsc.throttled_minute) }));
  const binds = node.children[1];
  binds.classList.toggle("many", wanted > FIGURES_MAX);
  const cells = smsc.binds.map(({ instance, bind }, index) => ({ instance, bind, key: `${instance}:${index}` }));
  keep(binds, cells, (cell) => cell.key, () => element("li"), fillBind);
}

function fillBind(node, { instance, bind }) {
  const since = durationText(bind.since_s * 1000);
  const stands = bind.state === "bound";
  const paused = stands && bind.window_max > 0 && bind.window === 0;
  const narrow = bind.window < NARROW_SHARE * bind.window_max;
  setData(node, "level", stands ? (narrow ? "warn" : "well") : bind.state === "down" ? "bad" : "warn");
  node.style.setProperty("--full", bind.window_max ? Math.min(1, bind.in_window / bind.window_max) : 0);
  setText(node, stands ? (paused ? t("bind.paused") : window(bind)) : t(`bind.${bind.state}`));
  const about = { instance, mode: bind.mode, port: bind.local_port, since, why: bind.why };
  setTitle(node, t(stands ? "bind.about" : "bind.aboutDown", about));
}

const window = (bind) => (bind.window_max ? `${bind.in_window}/${bind.window}` : bind.mode);
