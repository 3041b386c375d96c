// The PDUs of one message: every field with its value and its octets, and beside them the octets as they were on the wire. A finger or
// a mouse on a field lights up its octets, and the other way round.

import { element, icon } from "./dom.js";
import { exactTime, number, t } from "./language.js";

const LINE = 8; // octets
const OCTETS_MAX = 16; // of a field, in its row; all of them stand in the dump
const NO_PRINT = /[^\x20-\x7e]/g;

/** Whether more is to come: a request that is not answered yet. */
export function isUnderWay({ pdus }) {
  const responses = pdus.filter(({ command }) => command.endsWith("_resp") || command === "generic_nack").length;
  return pdus.length === 0 || responses < pdus.length - responses;
}

export function wireView({ pdus, dropped }) {
  const parts = pdus.map((pdu, index) => card(pdu, index === 0));
  if (pdus.length === 0) parts.push(element("p", "note", t("wire.none")));
  if (dropped > 0) parts.push(element("p", "note", t("wire.dropped", { count: number(dropped) })));
  return parts;
}

function card(pdu, open) {
  const all = element("details", "pdu");
  all.dataset.sender = pdu.sender;
  const summary = element("summary");
  const isResponse = pdu.command.endsWith("_resp") || pdu.command === "generic_nack";
  summary.append(icon("chevron-right", "turn"), element("b", "", pdu.command), element("span", "way", t(`wire.${pdu.sender}`)));
  if (isResponse) {
    const status = element("span", "status", pdu.status);
    status.dataset.ok = String(pdu.status === "ESME_ROK");
    summary.append(status);
  }
  all.append(summary);
  // A message may have a hundred PDUs of a hundred octets: what nobody opens is not drawn.
  all.addEventListener("toggle", () => all.open && all.childElementCount === 1 && all.append(...content(pdu)));
  all.open = open;
  if (open) all.append(...content(pdu));
  return all;
}

function content(pdu) {
  const octets = pdu.hex.match(/../g) ?? [];
  const about = t("wire.about", {
    bind: pdu.bind,
    port: pdu.port,
    seq: pdu.sequence_number,
    octets: octets.length,
    time: exactTime(new Date(pdu.at)),
  });
  const pair = element("div", "decoded");
  const rows = flattened(pdu.fields);
  pair.append(fieldTable(rows, octets), dump(rows, octets));
  const light = (event, on) => {
    const leaf = event.target.closest?.("[data-leaf]")?.dataset.leaf;
    for (const lit of pair.querySelectorAll(".lit")) lit.classList.remove("lit");
    if (on && leaf) for (const part of pair.querySelectorAll(`[data-leaf="${leaf}"]`)) part.classList.add("lit");
  };
  pair.addEventListener("pointerover", (event) => light(event, true));
  pair.addEventListener("pointerleave", (event) => light(event, false));
  return [element("p", "about", about), pair];
}

/** Fields in the order of the wire, each with its depth; leaves have a number. */
function flattened(fields, depth = 0, rows = []) {
  for (const field of fields) {
    const isLeaf = field.fields.length === 0;
    rows.push({ ...field, depth, leaf: isLeaf ? String(rows.length) : "" });
    flattened(field.fields, depth + 1, rows);
  }
  return rows;
}

function fieldTable(rows, octets) {
  const all = element("table", "fields");
  const head = element("tr");
  for (const key of ["wire.field", "wire.value", "wire.octets"]) {
    const title = element("th", "", t(key));
    title.scope = "col";
    head.append(title);
  }
  all.createTHead().append(head);
  all.createTBody().append(...rows.map((row) => fieldRow(row, octets)));
  return all;
}

function fieldRow({ name, value, start, end, section, depth, leaf }, octets) {
  const tr = element("tr");
  if (leaf) tr.dataset.leaf = leaf;
  const title = element("th");
  title.append(...breakable(name));
  title.scope = "row";
  title.dataset.depth = depth;
  const range = t("wire.range", { start, end: end - 1 });
  title.title = section ? `${range} · ${t("wire.section", { section })}` : range;
  const hex = octets.slice(start, Math.min(end, start + OCTETS_MAX)).join(" ") + (end - start > OCTETS_MAX ? " …" : "");
  const content = element("td", value ? "" : "dim");
  content.append(...breakable(value || (leaf ? t("wire.empty") : "")));
  tr.append(title, content, element("td", "hex", leaf ? hex : ""));
  return tr;
}

/** Names may be broken behind an underscore. */
function breakable(text) {
  return text.split(/(?<=_)/).flatMap((part, index) => (index > 0 ? [element("wbr"), part] : [part]));
}

function dump(rows, octets) {
  const leaves = new Map();
  for (const { leaf, start, end } of rows) if (leaf) for (let at = start; at < end; at += 1) leaves.set(at, leaf);
  const all = element("pre", "dump");
  all.ariaLabel = t("wire.dump");
  all.tabIndex = 0; // it may be scrolled
  for (let at = 0; at < octets.length; at += LINE) {
    const line = octets.slice(at, at + LINE);
    all.append(element("span", "offset", at.toString(16).padStart(4, "0")), "  ");
    line.forEach((octet, index) => {
      const node = element("span", "", octet);
      node.dataset.leaf = leaves.get(at + index) ?? "";
      all.append(node, " ");
    });
    const letters = String.fromCharCode(...line.map((octet) => parseInt(octet, 16))).replace(NO_PRINT, "·");
    all.append(" ".repeat((LINE - line.length) * 3 + 1), element("span", "letters", letters), "\n");
  }
  return all;
}
