// The conversation on a phone's screen: bubbles that only ever grow at the end, what has become of each, those not yet sent, and the
// sign that a reply is awaited.

import { button, element, icon } from "./dom.js";
import { encodingAndSegments } from "./format.js";
import { dayName, delay, label, t, timeOfDay } from "./language.js";

const WAIT_MAX_MS = 150_000; // the service answers or gives up within 120 s

export class Thread {
  /** `root` is a phone; `onDetails` gets the message of which one wants to know more, and the button that said so. */
  constructor(root, onDetails) {
    this.view = root.querySelector(".thread");
    this.list = root.querySelector(".messages");
    this.pendingList = root.querySelector(".pending-messages");
    this.waiting = root.querySelector(".waiting");
    this.empty = root.querySelector(".empty");
    this.onDetails = onDetails;
    this.waitTimer = 0;
    this.clear();
    // When a keyboard or a longer text takes room, the last message stays in sight.
    new ResizeObserver(() => this.toEnd()).observe(this.view);
  }

  clear() {
    this.messages = [];
    this.states = new Map();
    this.lastDay = "";
    this.list.replaceChildren();
    this.pendingList.replaceChildren();
    this.setWaiting(false);
    this.empty.hidden = false;
  }

  get newestId() {
    return this.messages.at(-1)?.id ?? 0;
  }

  setHint(hint) {
    this.empty.querySelector(".hint").textContent = hint;
  }

  /** Shows a message of the server's list, once, however often it comes. */
  add(message, { animate = true } = {}) {
    if (message.id <= this.newestId) return;
    this.messages.push(message);
    if (message.direction === "mo") this.dropPending(message.text);
    this.show(message, animate);
    this.setWaiting(message.direction === "mo" && Date.now() - new Date(message.at) < WAIT_MAX_MS);
    this.settle();
  }

  /** What has become of a message that the phone sent. */
  setState(id, state) {
    this.states.set(id, state);
    const tick = this.list.querySelector(`[data-id="${id}"] .tick`);
    tick?.replaceWith(this.tick(id));
  }

  /** Writes all of it again, in the language of now. */
  relabel() {
    this.list.replaceChildren();
    this.lastDay = "";
    for (const message of this.messages) this.show(message, false);
    this.settle();
  }

  /** Shows a text that is on its way to the server. Returns the means to tell what became of it. */
  addPending(text) {
    const item = bubble("mo", text, t("phone.sending"));
    item.classList.add("pending", "new");
    this.pendingList.append(item);
    this.settle();
    return {
      sent() {
        item.querySelector(".meta").textContent = t("tick.unknown"); // until the stream of messages brings it
      },
      failed: (onRetry) => {
        item.classList.replace("pending", "failed");
        const retry = button("retry", t("phone.retry"), () => {
          item.remove();
          onRetry();
        });
        item.querySelector(".meta").replaceChildren(t("phone.failed"), retry);
        this.settle();
      },
    };
  }

  show(message, animate) {
    const at = new Date(message.at);
    const day = dayName(at);
    if (day !== this.lastDay) {
      this.lastDay = day;
      this.list.append(element("li", "day", day));
    }
    const facts = [timeOfDay(at), encodingAndSegments(message)];
    if (message.delay_ms !== null) facts.push(delay(message.delay_ms));
    const item = bubble(message.direction, message.text, facts.join(" · "));
    item.dataset.id = message.id;
    item.classList.toggle("new", animate && message.direction === "mt");
    if (message.direction === "mo") item.querySelector(".meta").append(" · ", this.tick(message.id));
    const more = button("more", t("phone.details"), () => this.onDetails(message, more));
    label(more, t("phone.detailsOf", { time: timeOfDay(at) }));
    item.querySelector(".under").append(more);
    item.querySelector(".bubble").addEventListener("dblclick", () => this.onDetails(message, more));
    this.list.append(item);
  }

  tick(id) {
    const state = this.states.get(id) ?? "unknown";
    const tick = element("span", "tick");
    tick.dataset.state = state;
    tick.append(icon(`tick-${state}`), t(`tick.${state}`));
    return tick;
  }

  dropPending(text) {
    const item = [...this.pendingList.querySelectorAll(".pending")].find((one) => one.dataset.text === text);
    item?.remove();
  }

  setWaiting(on) {
    clearTimeout(this.waitTimer);
    this.waiting.hidden = !on;
    if (on) this.waitTimer = setTimeout(() => this.setWaiting(false), WAIT_MAX_MS);
  }

  settle() {
    this.empty.hidden = this.list.childElementCount + this.pendingList.childElementCount > 0;
    this.toEnd();
  }

  toEnd() {
    this.view.scrollTop = this.view.scrollHeight;
  }
}

function bubble(direction, text, meta) {
  const item = element("li", `message ${direction}`);
  item.dataset.text = text;
  const words = element("p", "bubble", text);
  words.lang = "vi";
  const under = element("div", "under");
  under.append(element("p", "meta", meta));
  item.append(element("span", "visually-hidden", t(direction === "mo" ? "phone.you" : "phone.reply")), words, under);
  return item;
}
