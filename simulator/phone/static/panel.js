// The panels at the side, of which one is open at a time. Where there is no room beside the phones a panel covers them, and what is
// behind it cannot be reached until it is closed.

import { byId } from "./dom.js";

const narrow = matchMedia("(max-width: 899px), (max-height: 479px)");
const panels = [];

export class Panel {
  /** `id` is the panel's. `onOpen` and `onClose` are called when it opens and closes. */
  constructor(id, { onOpen = () => {}, onClose = () => {} } = {}) {
    this.root = byId(id);
    this.tool = document.querySelector(`[aria-controls="${id}"]`);
    this.onOpen = onOpen;
    this.onClose = onClose;
    this.opener = null;
    this.tool?.addEventListener("click", () => (this.isOpen ? this.close() : this.open(this.tool)));
    this.root.querySelector(".close").addEventListener("click", () => this.close());
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    panels.push(this);
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** `opener` gets the focus back when it closes; without one the focus stays where it is. */
  open(opener = null) {
    for (const other of panels) if (other !== this && other.isOpen) other.hide();
    this.opener = opener;
    this.root.hidden = false;
    this.tool?.setAttribute("aria-expanded", "true");
    cover();
    this.onOpen();
    if (opener !== null) this.root.querySelector("h2").focus();
  }

  close() {
    this.hide();
    cover();
    (this.opener?.isConnected ? this.opener : (this.tool ?? byId("add-phone"))).focus();
  }

  hide() {
    this.root.hidden = true;
    this.tool?.setAttribute("aria-expanded", "false");
    this.onClose();
  }
}

function cover() {
  const covered = narrow.matches && panels.some((panel) => panel.isOpen);
  byId("stage").inert = covered;
  byId("bar").inert = covered;
}

narrow.addEventListener("change", cover);
export const isNarrow = () => narrow.matches;
