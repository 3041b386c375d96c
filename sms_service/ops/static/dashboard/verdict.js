// The one sentence that counts, and whatever else should be looked at.

import { byId, element, keep, setData, setText } from "./dom.js";
import { said, t } from "./language.js";

/** Findings shown beneath the first. */
const MORE_MAX = 4;

export function showVerdict({ verdict, findings }) {
  const { say, do: todo } = said(verdict);
  show(verdict.level, say, todo, verdict.level === "well" ? "" : verdict.why);
  const more = findings.slice(1, MORE_MAX + 1);
  byId("more").hidden = !more.length;
  keep(byId("more"), more, (one) => one.code, makeMore, fillMore);
}

export function showStale(say, todo) {
  show("stale", say, todo, "");
  byId("more").hidden = true;
}

function show(level, say, todo, why) {
  setData(document.body, "level", level);
  setText(byId("say"), say);
  setText(byId("do"), todo);
  setText(byId("why"), why);
  byId("why").hidden = !why;
  for (const [id, href] of [["mark", `/static/dashboard/marks.svg#${level}`], ["icon", `/static/dashboard/${level}.svg`]]) {
    if (byId(id).getAttribute("href") !== href) byId(id).setAttribute("href", href);
  }
  const title = `${say} · ${t("page.document")}`;
  if (document.title !== title) document.title = title;
}

function makeMore() {
  const node = element("li");
  node.append(element("strong"), element("span"));
  return node;
}

function fillMore(node, finding) {
  const { say, do: todo } = said(finding);
  setData(node, "level", finding.level);
  setText(node.children[0], say);
  setText(node.children[1], todo);
}
