// The journey of one message: what the SMSC saw and what the gateway told, on one scale of milliseconds.

import { element } from "./dom.js";
import { exactTime, milliseconds, t } from "./language.js";

/** Whether more may come: the gateway tells a journey when it is finished, and may be told to tell them. */
export function isUnderWay({ missing, events }) {
  const asked = events.filter(({ event }) => event === "deliver_sm" || event === "submit_sm").length;
  const answered = events.filter(({ event }) => event.endsWith("_resp") || event === "generic_nack").length;
  return !["", "not_configured"].includes(missing) || asked === 0 || answered < asked;
}

export function journeyView({ begun_at: begunAt, events, gateway, missing }) {
  const rows = collapsed(merged(events, gateway?.steps ?? []));
  const parts = [figures(events, gateway?.steps ?? []), table(rows, begunAt)];
  if (missing) parts.splice(1, 0, note(missing));
  return parts;
}

function note(missing) {
  const words = element("p", "note missing", t(`journey.missing.${missing}`));
  words.dataset.missing = missing;
  return words;
}

/** In the order of time; where two are at the same, the SMSC's first. */
function merged(events, steps) {
  const seen = events.map((event) => ({
    ...event,
    where: event.sender === "phone" ? "phone" : "smsc",
    what: t(`event.${event.event}`, {}, event.event),
  }));
  const told = steps.map((step) => ({ ...step, where: "gateway", what: t(`stage.${step.stage}`, {}, step.stage) }));
  return [...seen, ...told].sort((one, other) => one.ms - other.ms);
}

/** Those of a kind that follow each other, as the segments of a message do, are one row. */
function collapsed(all) {
  const rows = [];
  for (const one of all) {
    const last = rows.at(-1);
    const numbers = one.sequence_number ? [one.sequence_number] : [];
    if (last && last.where === one.where && last.what === one.what && last.status === one.status && last.bind === one.bind) {
      last.until = one.ms;
      last.numbers.push(...numbers);
    } else {
      rows.push({ ...one, since: since(rows, one), until: one.ms, numbers });
    }
  }
  return rows;
}

/** A stage of the gateway lasts from the one before it; what else is seen is a moment. */
function since(rows, one) {
  const before = one.where === "gateway" ? rows.findLast(({ where }) => where === "gateway") : undefined;
  return before ? before.until : one.ms;
}

function table(rows, begunAt) {
  const all = element("table", "timeline");
  all.append(element("caption", "", t("journey.clock", { time: exactTime(new Date(begunAt)) })));
  const head = element("tr");
  for (const key of ["journey.at", "journey.what", "journey.where"]) {
    const title = element("th", "", t(key));
    title.scope = "col";
    head.append(title);
  }
  const total = Math.max(...rows.map((row) => row.until), Number.MIN_VALUE);
  all.createTHead().append(head);
  all.createTBody().append(...rows.map((row) => line(row, total)));
  return all;
}

function line(row, total) {
  const tr = element("tr");
  tr.dataset.where = row.where;
  const at = element("td", "at", milliseconds(row.ms));
  const track = element("span", "track");
  track.style.setProperty("--from", Math.max(row.since, 0) / total);
  track.style.setProperty("--to", Math.max(row.until, 0) / total);
  const what = element("td", "what");
  what.append(element("span", "", row.what + (row.numbers.length > 1 ? ` ×${row.numbers.length}` : "")));
  if (row.numbers.length > 0) {
    const numbers = row.numbers.join(", ");
    what.append(
      element("small", "", row.where === "smsc" ? t("journey.seq", { bind: row.bind, numbers }) : t("journey.seqOnly", { numbers })),
    );
  }
  if (row.since < row.ms) what.append(element("small", "", t("journey.after", { ms: milliseconds(row.ms - row.since) })));
  if (row.status) what.append(element("small", "problem", `command_status 0x${row.status.toString(16).padStart(8, "0").toUpperCase()}`));
  what.append(track);
  tr.append(at, what, element("td", "where", t(`journey.${row.where}`)));
  return tr;
}

/** The few figures that one looks for first. */
function figures(events, steps) {
  const times = (name) => events.filter(({ event }) => event === name).map(({ ms }) => ms);
  const delivered = times("deliver_sm");
  const acknowledged = times("deliver_sm_resp");
  const arrived = times("arrived");
  const received = steps.find(({ stage }) => stage === "received");
  const submitted = steps.findLast(({ stage }) => stage === "submitted");
  const list = element("dl", "figures");
  const put = (key, ms) => {
    const figure = element("div");
    figure.append(element("dt", "", t(key)), element("dd", "", `${milliseconds(ms)} ms`));
    list.append(figure);
  };
  if (acknowledged.length > 0 && delivered.length > 0) put("journey.acknowledged", acknowledged.at(-1) - delivered[0]);
  if (received && submitted) put("journey.inside", submitted.ms - received.ms);
  if (times("accepted").length > 0 && arrived.length > 0) put("journey.replied", arrived.at(-1));
  return list;
}
