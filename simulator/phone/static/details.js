// The panel that shows one message in detail: its journey, or its PDUs. What is still under way is read again every second.

import { readDetails } from "./api.js";
import { byId, element } from "./dom.js";
import { phoneNumber } from "./format.js";
import { exactTime, onLanguage, t } from "./language.js";
import { isUnderWay as journeyUnderWay, journeyView } from "./journey.js";
import { Panel } from "./panel.js";
import { isUnderWay as wireUnderWay, wireView } from "./wire.js";

const AGAIN_MS = 1000;
const VIEWS = {
  journey: { view: journeyView, isUnderWay: journeyUnderWay },
  wire: { view: wireView, isUnderWay: wireUnderWay },
};

export class Details {
  constructor() {
    this.panel = new Panel("details", { onClose: () => this.stop() });
    this.of = null; // {msisdn, message}
    this.what = "journey";
    this.shown = "";
    this.answer = null;
    this.timer = 0;
    this.tabs = Object.keys(VIEWS).map((what) => byId(`tab-${what}`));
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.select(tab.id.slice("tab-".length)));
      tab.addEventListener("keydown", (event) => this.onKey(event, tab));
    }
    onLanguage(() => this.relabel());
  }

  open(msisdn, message, opener) {
    this.stop();
    this.of = { msisdn, message };
    this.showExcerpt();
    this.panel.open(opener);
    this.select(this.what);
  }

  select(what) {
    this.what = what;
    for (const tab of this.tabs) {
      const chosen = tab.id === `tab-${what}`;
      tab.ariaSelected = String(chosen);
      tab.tabIndex = chosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !chosen;
    }
    this.shown = "";
    this.answer = null;
    this.body.replaceChildren(element("p", "note", t("details.loading")));
    this.read();
  }

  get body() {
    return byId(this.what);
  }

  async read() {
    clearTimeout(this.timer);
    const { of, what } = this;
    let again = true;
    try {
      const answer = await readDetails(of.msisdn, of.message.id, what);
      if (this.of !== of || this.what !== what) return;
      this.show(answer);
      again = VIEWS[what].isUnderWay(answer);
    } catch (error) {
      if (this.of !== of || this.what !== what) return;
      this.shown = "";
      this.answer = null;
      this.body.replaceChildren(element("p", "problem", error.message));
    }
    if (again) this.timer = setTimeout(() => this.read(), AGAIN_MS);
  }

  show(answer) {
    const seen = JSON.stringify(answer);
    if (seen === this.shown) return; // what one is reading stays as it is
    this.shown = seen;
    this.answer = answer;
    this.body.replaceChildren(...VIEWS[this.what].view(answer));
  }

  showExcerpt() {
    const { msisdn, message } = this.of;
    byId("excerpt").textContent = t(message.direction === "mo" ? "details.excerptMo" : "details.excerptMt", {
      number: phoneNumber(msisdn),
      time: exactTime(new Date(message.at)),
      text: message.text,
    });
  }

  relabel() {
    if (this.of === null) return;
    this.showExcerpt();
    if (this.answer !== null) this.body.replaceChildren(...VIEWS[this.what].view(this.answer));
  }

  stop() {
    clearTimeout(this.timer);
    this.of = null;
  }

  onKey(event, tab) {
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (!(event.key in steps)) return;
    const next = this.tabs[(this.tabs.indexOf(tab) + steps[event.key] + this.tabs.length) % this.tabs.length];
    next.focus();
    next.click();
    event.preventDefault();
  }
}
