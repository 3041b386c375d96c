// The page's words in the language that is chosen, and how it writes numbers and times. Nothing else on the page holds a sentence.

import en from "./en.js";
import { read, write } from "./store.js";
import vi from "./vi.js";

const WORDS = { vi, en };
const ZONE = "Asia/Ho_Chi_Minh";
const listeners = new Set();

let language = read("language", null) ?? navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in WORDS) ?? "vi";
let formats = makeFormats();

/** The words under a key, with {name} replaced by the value of that name; `missing`, or the key itself, where there are none. */
export function t(key, values = {}, missing = key) {
  return (WORDS[language][key] ?? missing).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Fills in the words of a part of the page: data-t, data-t-label (which is the tip, too), data-t-placeholder. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) label(node, t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

/** Names a control for those who do not see it, and for those who rest a mouse on it. */
export function label(node, name) {
  node.ariaLabel = name;
  if (node.matches("button")) node.title = name;
}

/** Calls `listener` whenever another language is chosen. Returns what ends it. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function otherLanguage() {
  language = language === "vi" ? "en" : "vi";
  write("language", language);
  formats = makeFormats();
  apply();
  for (const listener of listeners) listener();
}

/** Brings the whole page into the language. */
export function apply() {
  document.documentElement.lang = language;
  document.title = t("page.document");
  translate(document);
}

function makeFormats() {
  const locale = language === "vi" ? "vi" : "en-GB";
  const format = (options) => new Intl.DateTimeFormat(locale, { ...options, hour12: false, timeZone: ZONE });
  return {
    clock: format({ hour: "2-digit", minute: "2-digit" }),
    exact: format({ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }),
    day: format({ weekday: "long", day: "numeric", month: "numeric" }),
    number: new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }),
    tenths: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }),
    fixed: new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  };
}

export const timeOfDay = (date) => formats.clock.format(date);
export const exactTime = (date) => formats.exact.format(date);
export const number = (value) => formats.number.format(value);
export const milliseconds = (ms) => formats.fixed.format(ms);
export const delay = (ms) => (ms < 1000 ? `${ms} ms` : `${formats.tenths.format(ms / 1000)} ${language === "vi" ? "giây" : "s"}`);

export function dayName(date, today = new Date()) {
  const name = formats.day.format(date);
  return name === formats.day.format(today) ? t("phone.today") : name[0].toUpperCase() + name.slice(1);
}
