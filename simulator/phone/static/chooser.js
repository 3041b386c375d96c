// The sheet on which one chooses whose phone this is: recent ones, a search over the citizens, or any number that one types.

import { findCitizens } from "./api.js";
import { DEPARTED, STATES, initials, phoneNumber } from "./format.js";
import { element } from "./thread.js";

const SHOWN = 40;
const PAUSE_MS = 120; // between the last key and the search

const byId = (id) => document.getElementById(id);
const sheet = byId("chooser");
const query = byId("query");
const filters = byId("filters");
const citizens = byId("citizens");
const found = byId("found");
const behind = byId("conversation");

let state = "";
let timer = 0;
let running = new AbortController();
let choose = () => {};
let recent = () => [];

/** `onChoose` gets a phone: {msisdn, name, state, citizen_id, departed}. `recentPhones` gives those used last. */
export function initChooser(onChoose, recentPhones) {
  choose = (phone) => {
    close();
    onChoose(phone);
  };
  recent = recentPhones;
  for (const [value, label] of [["", "Tất cả"], ...Object.entries(STATES)]) {
    const chip = element("button", "chip", label);
    chip.type = "button";
    chip.dataset.state = value;
    chip.addEventListener("click", () => setFilter(value));
    filters.append(chip);
  }
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE_MS);
  });
  sheet.addEventListener("keydown", onKey);
  byId("chooser-close").addEventListener("click", close);
}

export function open() {
  behind.inert = true;
  sheet.show();
  query.value = "";
  setFilter("");
  query.focus();
}

function close() {
  running.abort();
  sheet.close();
  behind.inert = false;
  byId("sim").focus();
}

function setFilter(value) {
  state = value;
  for (const chip of filters.children) chip.setAttribute("aria-pressed", String(chip.dataset.state === value));
  search();
}

async function search() {
  clearTimeout(timer);
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const typed = query.value.trim();
  try {
    const matches = await findCitizens(typed, state, SHOWN, signal);
    if (signal.aborted) return;
    show(matches, typed);
  } catch (error) {
    if (signal.aborted) return;
    citizens.replaceChildren();
    found.textContent = error.message;
  }
}

function show(matches, typed) {
  const rows = [];
  const used = typed === "" && state === "" ? recent() : [];
  if (used.length > 0) rows.push(element("li", "heading", "Gần đây"), ...used.map(row), element("li", "heading", "Danh bạ"));
  const msisdn = asNumber(typed);
  if (msisdn && !matches.some((phone) => phone.msisdn === msisdn)) {
    rows.push(row({ msisdn, name: "", state: "", citizen_id: "", departed: false }));
  }
  rows.push(...matches.map(row));
  citizens.replaceChildren(...rows);
  citizens.scrollTop = 0;
  found.textContent = rows.length > 0 ? "" : "Không tìm thấy ai. Hãy thử tên khác, hoặc nhập đủ một số điện thoại.";
}

function row(phone) {
  const item = element("li", "");
  const button = element("button", "citizen");
  button.type = "button";
  button.dataset.msisdn = phone.msisdn;
  const facts = element("span", "facts");
  facts.append(element("span", "number", phoneNumber(phone.msisdn)));
  if (phone.state) facts.append(badge(phone.state));
  if (phone.departed) facts.append(element("span", "badge", DEPARTED));
  const who = element("span", "who");
  who.append(element("span", "name", phone.name || "Dùng số này"), facts);
  button.append(avatar(phone), who);
  button.addEventListener("click", () => choose(phone));
  item.append(button);
  return item;
}

function avatar(phone) {
  const picture = element("span", "avatar", phone.name ? initials(phone.name) : "#");
  picture.ariaHidden = "true";
  return picture;
}

function badge(value) {
  const mark = element("span", "badge", STATES[value]);
  mark.dataset.state = value;
  return mark;
}

/** A whole number that was typed, in the form 84…; else "". */
function asNumber(typed) {
  const digits = typed.replace(/[\s.()-]/g, "");
  const national = /^(?:\+?84|0)(\d{9})$/.exec(digits);
  if (national) return `84${national[1]}`;
  return /^\+\d{9,15}$/.test(digits) ? digits.slice(1) : "";
}

function onKey(event) {
  if (event.key === "Escape") {
    close();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const buttons = [...citizens.querySelectorAll("button")];
    const next = buttons.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) query.focus();
    else buttons[Math.min(next, buttons.length - 1)]?.focus();
  } else if (event.key === "Enter" && document.activeElement === query) {
    search().then(() => citizens.querySelector("button")?.click()); // what stands there may be of an earlier key
  } else {
    return;
  }
  event.preventDefault();
}
