// What the gateway needs: whether each part answers, and how fast.

import { byId, element, keep, setData, setText, setTitle } from "./dom.js";
import { durationText, t } from "./language.js";

const PARTS = ["journal", "subscribers", "population", "redis"];

export function showParts({ view }) {
  const known = new Map(view.parts.map((part) => [part.name, part]));
  const parts = PARTS.filter((name) => known.has(name)).map((name) => known.get(name));
  keep(byId("parts").querySelector(".list"), parts, (part) => part.name, makePart, fillPart);
}

function makePart() {
  const node = element("li", "part");
  node.append(element("i", "dot"), element("b"), element("span"));
  return node;
}

function fillPart(node, part) {
  const [, name, state] = node.children;
  const down = part.down_at.length > 0;
  setData(node, "level", !down ? "well" : part.everywhere && part.name !== "redis" ? "bad" : "warn");
  setText(name, t(`part.${part.name}`));
  if (!down) setText(state, t("part.well", { ms: durationText(part.ms) }));
  else setText(state, part.everywhere ? t("part.down") : t("part.downAt", { names: part.down_at.join(", ") }));
  setTitle(node, part.why);
}
