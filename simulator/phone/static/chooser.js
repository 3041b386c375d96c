// The sheet on which one chooses whose phone this is: recent ones, a search over the citizens, or any number that one types.

import { findCitizens } from "./api.js";
import { button, element } from "./dom.js";
import { STATES, initials, phoneNumber } from "./format.js";
import { t } from "./language.js";

const SHOWN = 40;
const PAUSE_MS = 120; // between the last key and the search

export class Chooser {
  /** `root` is a phone. `onChoose` gets an owner: {msisdn, name, state, citizen_id, departed}; `recent` gives those used last. */
  constructor(root, { onChoose, recent }) {
    this.sheet = root.querySelector(".chooser");
    this.query = root.querySelector(".query");
    this.filters = root.querySelector(".filters");
    this.citizens = root.querySelector(".citizens");
    this.found = root.querySelector(".found");
    this.behind = root.querySelector(".conversation");
    this.opener = root.querySelector(".sim");
    this.recent = recent;
    this.choose = (owner) => {
      this.close();
      onChoose(owner);
    };
    this.state = "";
    this.timer = 0;
    this.running = new AbortController();
    this.query.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(), PAUSE_MS);
    });
    this.sheet.addEventListener("keydown", (event) => this.onKey(event));
    this.opener.addEventListener("click", () => this.open());
    root.querySelector(".chooser-close").addEventListener("click", () => this.close());
  }

  open() {
    this.behind.inert = true;
    this.sheet.show();
    this.query.value = "";
    this.relabel();
    this.setFilter("");
    this.query.focus();
  }

  close() {
    this.running.abort();
    this.sheet.close();
    this.behind.inert = false;
    this.opener.focus();
  }

  /** Writes all of it again, in the language of now. */
  relabel() {
    this.filters.replaceChildren(
      ...["", ...STATES].map((value) => {
        const chip = button("chip", t(value ? `state.${value}` : "chooser.all"), () => this.setFilter(value));
        chip.dataset.state = value;
        return chip;
      }),
    );
    if (this.sheet.open) this.setFilter(this.state);
  }

  setFilter(value) {
    this.state = value;
    for (const chip of this.filters.children) chip.ariaPressed = String(chip.dataset.state === value);
    return this.search();
  }

  async search() {
    clearTimeout(this.timer);
    this.running.abort();
    this.running = new AbortController();
    const { signal } = this.running;
    const typed = this.query.value.trim();
    try {
      const matches = await findCitizens(typed, this.state, SHOWN, signal);
      if (!signal.aborted) this.show(matches, typed);
    } catch (error) {
      if (signal.aborted) return;
      this.citizens.replaceChildren();
      this.found.textContent = error.message;
    }
  }

  show(matches, typed) {
    const rows = [];
    const used = typed === "" && this.state === "" ? this.recent() : [];
    const row = (owner) => this.row(owner);
    if (used.length > 0) {
      rows.push(element("li", "heading", t("chooser.recent")), ...used.map(row), element("li", "heading", t("chooser.directory")));
    }
    const msisdn = asNumber(typed);
    if (msisdn && !matches.some((owner) => owner.msisdn === msisdn)) {
      rows.push(row({ msisdn, name: "", state: "", citizen_id: "", departed: false }));
    }
    rows.push(...matches.map(row));
    this.citizens.replaceChildren(...rows);
    this.citizens.scrollTop = 0;
    this.found.textContent = rows.length > 0 ? "" : t("chooser.nobody");
  }

  row(owner) {
    const item = element("li");
    const choice = button("citizen", "", () => this.choose(owner));
    choice.dataset.msisdn = owner.msisdn;
    const picture = element("span", "avatar", owner.name ? initials(owner.name) : "#");
    picture.ariaHidden = "true";
    const facts = element("span", "facts");
    facts.append(element("span", "number", phoneNumber(owner.msisdn)));
    if (owner.state) {
      const badge = element("span", "badge", t(`state.${owner.state}`));
      badge.dataset.state = owner.state;
      facts.append(badge);
    }
    if (owner.departed) facts.append(element("span", "badge", t("state.departed")));
    const who = element("span", "who");
    who.append(element("span", "name", owner.name || t("chooser.useNumber")), facts);
    choice.append(picture, who);
    item.append(choice);
    return item;
  }

  onKey(event) {
    const focused = document.activeElement;
    if (event.key === "Escape") {
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const choices = [...this.citizens.querySelectorAll("button")];
      const next = choices.indexOf(focused) + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) this.query.focus();
      else choices[Math.min(next, choices.length - 1)]?.focus();
    } else if (event.key === "Enter" && focused === this.query) {
      this.search().then(() => this.citizens.querySelector("button")?.click()); // what stands there may be of an earlier key
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A whole number that was typed, in the form 84…; else "". */
function asNumber(typed) {
  const digits = typed.replace(/[\s.()-]/g, "");
  const national = /^(?:\+?84|0)(\d{9})$/.exec(digits);
  if (national) return `84${national[1]}`;
  return /^\+\d{9,15}$/.test(digits) ? digits.slice(1) : "";
}
