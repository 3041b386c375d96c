// How inquiries ended, and which instances there are.

import { byId, element, keep, setData, setText } from "./dom.js";
import { durationText, rate, t, whole } from "./language.js";

const ENDINGS = ["answered", "refused", "misread", "over_quota", "suspended", "expired", "undeliverable"];

export function showEndings({ view }) {
  const { minute, total, limits } = view;
  const values = { quota: limits.quota, period: durationText(limits.quota_period_s * 1000) };
  const rows = ENDINGS.map((name) => ({ name, minute: minute.endings[name] ?? 0, total: total.endings[name] ?? 0, values }));
  if (total.uncertain) rows.push({ name: "uncertain", minute: minute.uncertain, total: total.uncertain, values });
  const panel = byId("endings");
  keep(panel.querySelector(".stack"), rows.filter((row) => row.minute && row.name !== "uncertain"), (row) => row.name, () => element("i"), (node, row) => {
    setData(node, "ending", row.name);
    node.style.setProperty("flex-grow", row.minute);
  });
  keep(panel.querySelector("tbody"), rows, (row) => row.name, makeEnding, fillEnding);
}

function makeEnding() {
  const node = element("tr");
  const name = element("td");
  name.append(element("i", "swatch"), element("span"));
  node.append(name, element("td", "number"), element("td", "number"));
  return node;
}

function fillEnding(node, row) {
  const [name, minute, total] = node.children;
  setData(node, "ending", row.name);
  node.classList.toggle("none", !row.minute);
  setText(name.children[1], t(`ending.${row.name}`, row.values));
  setText(minute, whole(row.minute));
  setText(total, whole(row.total));
}

export function showInstances({ view }) {
  keep(byId("instances").querySelector("tbody"), view.instances, (one) => one.instance, makeInstance, (node, one) => fillInstance(node, one, view));
}

function makeInstance() {
  const node = element("tr");
  const name = element("td");
  name.append(element("i", "dot"), element("b"), element("small"));
  node.append(name, ...Array.from({ length: 4 }, () => element("td", "number")));
  return node;
}

function fillInstance(node, one, view) {
  const [name, ...cells] = node.children;
  const silent = one.state === "silent";
  const state = one.state === "serving" ? (one.orders.draining ? "draining" : "up") : one.state;
  setData(node, "level", state === "up" ? "well" : silent ? "bad" : "warn");
  setText(name.children[1], one.instance);
  const up = durationText(Math.max(0, view.at - one.started_at) * 1000);
  setText(name.children[2], t(`instance.${state}`, { up, since: durationText(one.silent_s * 1000) }));
  const figures = silent
    ? ["–", "–", whole(one.in_flight), "–"]
    : [rate(one.accepted), rate(one.replied), whole(one.in_flight), durationText(one.p95_ms)];
  cells.forEach((cell, index) => setText(cell, figures[index]));
}
