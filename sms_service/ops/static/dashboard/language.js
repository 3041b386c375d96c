// The page's words in the language that is chosen, and how it writes numbers and times. What is the matter the gateway says itself.

import en from "./en.js";
import { read, write } from "./store.js";
import vi from "./vi.js";

const WORDS = { vi, en };
const ZONE = "Asia/Ho_Chi_Minh";
const listeners = new Set();

let language = read("language", null) ?? navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in WORDS) ?? "vi";
if (!(language in WORDS)) language = "vi";
let formats = makeFormats();

/** The words under a key, with {name} replaced by the value of that name; the key itself where there are none. */
export const t = (key, values = {}) => (WORDS[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Which of a finding's languages is read. */
export const said = (saying) => saying[language];

/** Calls `listener` whenever another language is chosen. */
export const onLanguage = (listener) => listeners.add(listener);

export function otherLanguage() {
  language = language === "vi" ? "en" : "vi";
  write("language", language);
  formats = makeFormats();
  translate();
  for (const listener of listeners) listener();
}

/** Brings what stands on the page into the language. */
export function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.ariaLabel = t(node.dataset.tLabel);
    if (node.matches("button")) node.title = node.ariaLabel;
  }
}

function makeFormats() {
  const locale = language === "vi" ? "vi" : "en-GB";
  const number = (digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const time = (options) => new Intl.DateTimeFormat("en-GB", { ...options, hour12: false, timeZone: ZONE });
  return {
    whole: number(0),
    tenths: number(1),
    upTo: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }),
    clock: time({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    minute: time({ hour: "2-digit", minute: "2-digit" }),
  };
}

export const whole = (value) => formats.whole.format(value);
/** Below ten a tenth matters. */
export const rate = (value) => (value > 0 && value < 9.95 ? formats.tenths : formats.whole).format(value);
export const share = (value) => (value > 0 && value < 0.0995 ? `${formats.tenths.format(value * 100)}%` : `${formats.whole.format(value * 100)}%`);
export const clock = (seconds) => formats.clock.format(new Date(seconds * 1000));
export const minute = (seconds) => formats.minute.format(new Date(seconds * 1000));

/** Milliseconds as a number and its unit: ["12", "ms"], ["1,5", "giây"]. */
export function duration(ms) {
  if (ms < 9.95) return [formats.tenths.format(ms), "ms"];
  if (ms < 1000) return [formats.whole.format(ms), "ms"];
  if (ms < 9950) return [formats.tenths.format(ms / 1000), t("unit.s")];
  if (ms < 120_000) return [formats.whole.format(ms / 1000), t("unit.s")];
  if (ms < 7_200_000) return [formats.whole.format(ms / 60_000), t("unit.min")];
  if (ms < 172_800_000) return [formats.whole.format(ms / 3_600_000), t("unit.h")];
  return [formats.whole.format(ms / 86_400_000), t("unit.d")];
}

export const durationText = (ms) => (ms === null ? "–" : duration(ms).join("\u00a0"));
/** A round duration, as on an axis: "10 ms", "1 giây". */
export const durationMark = (ms) => (ms < 1000 ? `${formats.upTo.format(ms)} ms` : `${formats.upTo.format(ms / 1000)} ${t("unit.s")}`);
