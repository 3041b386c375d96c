// One phone: whose it is, what they write, what comes back.

import { cost } from "./alphabet.js";
import { listMessages, sendMessage } from "./api.js";
import { Chooser } from "./chooser.js";
import { button, byId, toast } from "./dom.js";
import { encodingAndSegments, initials, phoneNumber } from "./format.js";
import { onLanguage, t, timeOfDay, translate } from "./language.js";
import { Thread } from "./thread.js";

export class Phone {
  /**
   * What it tells: `onChoose(phone, owner)` somebody was chosen, `onLoaded(phone)` the conversation is there, `onRemove(phone)`, and
   * `onDetails(phone, message, opener)`. `recent()` gives the owners used last.
   */
  constructor({ onChoose, onLoaded, onRemove, onDetails, recent }) {
    this.root = byId("phone-template").content.firstElementChild.cloneNode(true);
    this.owner = null;
    this.shortCode = "5505";
    this.gateway = "unknown";
    this.loaded = false;
    this.missing = false; // the conversation could not be read
    this.onLoaded = onLoaded;
    this.thread = new Thread(this.root, (message, opener) => onDetails(this, message, opener));
    this.chooser = new Chooser(this.root, { onChoose: (owner) => onChoose(this, owner), recent });
    this.text = this.find(".text");
    this.find("form").addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("input", () => this.updateComposer());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
    });
    this.find(".remove").addEventListener("click", () => onRemove(this));
    this.endLanguage = onLanguage(() => this.relabel());
    this.relabel();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /** It is somebody else's from now on. */
  async use(owner) {
    this.owner = owner;
    this.thread.clear();
    this.showOwner();
    await this.load();
  }

  async load() {
    const { owner } = this;
    this.loaded = false;
    this.missing = false;
    try {
      const messages = await listMessages(owner.msisdn);
      if (this.owner !== owner) return;
      for (const message of messages) this.thread.add(message, { animate: false });
      this.loaded = true;
      this.onLoaded(this);
    } catch (error) {
      this.missing = this.owner === owner;
      toast(error.message);
    }
  }

  /** The page forgets it; its conversation stays with the SMSC. */
  close() {
    this.endLanguage();
    this.thread.setWaiting(false);
    this.root.remove();
  }

  /** What stands at its head: the short code, and whether the gateway is there ("up", "down" or "unknown"). */
  setGateway(shortCode, gateway) {
    const changed = shortCode !== this.shortCode;
    this.shortCode = shortCode;
    this.gateway = gateway;
    this.find(".short-code").textContent = shortCode;
    this.find(".peer-state").dataset.state = gateway;
    this.find(".peer-state").textContent = t(gateway === "down" ? "gateway.peerDown" : "gateway.peerUp");
    this.find(".clock").textContent = timeOfDay(new Date());
    if (changed) this.showHint();
  }

  relabel() {
    translate(this.root);
    this.setGateway(this.shortCode, this.gateway);
    this.showOwner();
    this.thread.relabel();
    this.chooser.relabel();
  }

  get name() {
    if (this.owner === null) return t("phone.choose");
    return this.owner.name || phoneNumber(this.owner.msisdn);
  }

  showOwner() {
    const { owner } = this;
    this.root.ariaLabel = `${t("phone.of")}${this.name}`;
    this.find(".sim .avatar").textContent = owner?.name ? initials(owner.name) : "#";
    this.find(".sim .name").textContent = this.name;
    this.find(".sim .number").textContent =
      owner === null ? t("phone.orType") : owner.name ? phoneNumber(owner.msisdn) : t("phone.typed");
    const badge = this.find(".sim .badge");
    const state = owner?.departed ? "departed" : (owner?.state ?? "");
    badge.hidden = state === "";
    badge.dataset.state = state;
    badge.textContent = state && t(`state.${state}`);
    this.showHint();
    this.showChips();
    this.updateComposer();
  }

  showHint() {
    this.thread.setHint(this.owner === null ? t("phone.chooseHint") : t("phone.hint", { code: this.shortCode }));
  }

  showChips() {
    const texts = ["DC", "DC DAU", "DC MUC THE", "DC TB", "DC HD"];
    if (this.owner?.citizen_id) texts.push(`DC ${this.owner.citizen_id}`);
    this.find(".quick").replaceChildren(
      ...texts.map((inquiry) => {
        const chip = button("chip", inquiry, () => this.send(inquiry));
        chip.disabled = this.owner === null;
        return chip;
      }),
    );
  }

  updateComposer() {
    const { text } = this;
    this.find(".send").disabled = this.owner === null || text.value.trim() === "";
    const counter = this.find(".counter");
    counter.hidden = text.value === "";
    if (text.value !== "") {
      const { encoding, segments, units, limit } = cost(text.value.normalize("NFC"));
      counter.textContent = `${units}/${limit} · ${encodingAndSegments({ encoding, segments })}`;
    }
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
  }

  submit(event) {
    event.preventDefault();
    const inquiry = this.text.value.trim().normalize("NFC");
    if (this.owner === null || inquiry === "") return;
    this.text.value = "";
    this.updateComposer();
    this.text.focus();
    this.send(inquiry);
  }

  async send(inquiry) {
    const sender = this.owner;
    const pending = this.thread.addPending(inquiry);
    try {
      await sendMessage(sender.msisdn, this.shortCode, inquiry);
      pending.sent();
    } catch (error) {
      pending.failed(() => this.owner === sender && this.send(inquiry));
      toast(error.message);
    }
  }
}
