// The panel for what the SMSC does wrong: what is in force, profiles, single faults, and numbers that choose one for a message. The form
// is drawn from what the SMSC says there is, so it shows a new fault without being told of it.

import { readFaults, setFaults } from "./api.js";
import { button, byId, element } from "./dom.js";
import { label, number, onLanguage, t } from "./language.js";
import { Panel } from "./panel.js";

const DEFAULT = "well-behaved";
/** Says which status a refusal has: without a share of refusals it does nothing. */
const NO_FAULT_ALONE = new Set(["submit_status"]);

const CASE_PARTS = /^(\d{4})(\d{3})(\d{4})$/; // the prefix that is nobody's, the case, and what is free

export class FaultPanel {
  /** `onCase(msisdn)`: somebody wants the phone with this number. */
  constructor(onCase) {
    this.panel = new Panel("faults", { onOpen: () => this.poll() });
    this.onCase = onCase;
    this.answer = null;
    this.isEdited = false; // what one types is not overwritten
    byId("faults-off").addEventListener("click", () => this.put({ profile: DEFAULT }));
    byId("fault-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply();
    });
    byId("fault-fields").addEventListener("input", () => {
      this.isEdited = true;
    });
    onLanguage(() => this.relabel());
  }

  /** Reads what is in force, which others may change as well. */
  async poll() {
    try {
      this.show(await readFaults());
    } catch (error) {
      if (this.panel.isOpen && this.answer === null) this.complain(error.message);
    }
  }

  async put(faults) {
    try {
      const answer = await setFaults(faults);
      this.isEdited = false;
      this.complain("");
      this.show(answer);
    } catch (error) {
      this.complain(error.message);
    }
  }

  apply() {
    const faults = {};
    for (const [name, field] of Object.entries(this.answer?.fields ?? {})) {
      const input = this.input(name);
      if (field.type === "boolean") {
        faults[name] = input.checked;
        continue;
      }
      const value = input.value.trim() === "" ? field.default : Number(input.value.trim().replace(",", "."));
      const isWhole = field.type !== "integer" || Number.isInteger(value);
      const isBad = !Number.isFinite(value) || !isWhole || value < (field.minimum ?? -Infinity) || value > (field.maximum ?? Infinity);
      input.ariaInvalid = String(isBad);
      if (isBad) {
        const limits = { field: faultName(name), minimum: number(field.minimum ?? 0), maximum: number(field.maximum ?? 0) };
        this.complain(t("maximum" in field ? "faults.bad" : "faults.badOpen", limits));
        input.focus();
        return;
      }
      faults[name] = value;
    }
    this.put(faults);
  }

  complain(message) {
    byId("fault-problem").textContent = message;
  }

  input(name) {
    return byId("fault-fields").querySelector(`[name="${name}"]`);
  }

  show(answer) {
    const isFirst = this.answer === null;
    this.answer = answer;
    if (isFirst) this.draw();
    if (!this.isEdited) this.fill();
    this.showInForce();
    for (const choice of byId("profiles").querySelectorAll("button")) {
      choice.ariaPressed = String(choice.dataset.profile === answer.profile);
    }
    for (const [name, count] of Object.entries(answer.counts)) {
      const place = byId("counts").querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = number(count);
    }
  }

  showInForce() {
    const { faults, fields } = this.answer;
    const wrong = Object.entries(faults).filter(([name, value]) => value !== fields[name].default && !NO_FAULT_ALONE.has(name));
    const isWrong = wrong.length > 0;
    byId("faults-mark").hidden = !isWrong;
    label(byId("faults-open"), isWrong ? `${t("faults.title")}: ${t("faults.inForceMark")}` : t("faults.title"));
    byId("faults-off").disabled = !isWrong;
    const list = element("ul");
    for (const [name, value] of wrong) {
      list.append(element("li", "", `${faultName(name)}: ${value === true ? t("faults.on") : number(value)}`));
    }
    const now = isWrong ? list : element("p", "", t("faults.none"));
    const place = byId("in-force");
    if (place.textContent !== now.textContent) place.replaceChildren(now); // a reader of the screen is told of changes only
    place.dataset.wrong = String(isWrong);
  }

  /** Writes what does not change. */
  draw() {
    const { fields, profiles, counts, cases } = this.answer;
    byId("profiles").replaceChildren(
      ...profiles.map((profile) => {
        const choice = button("chip", t(`profile.${profile}`, {}, profile), () => this.put({ profile }));
        choice.dataset.profile = profile;
        return item(choice);
      }),
    );
    byId("fault-fields").replaceChildren(...Object.entries(fields).map(([name, field]) => fieldOf(name, field)));
    byId("counts").replaceChildren(
      ...Object.keys(counts).map((name) => {
        const pair = element("div");
        const count = element("dd");
        count.dataset.count = name;
        pair.append(element("dt", "", t(`count.${name}`, {}, name)), count);
        return pair;
      }),
    );
    byId("cases").replaceChildren(
      ...Object.entries(cases).map(([name, msisdn]) => {
        const choice = button("case", "", () => this.onCase(msisdn));
        choice.append(element("b", "", msisdn.replace(CASE_PARTS, "$1 $2 $3")), element("span", "", t(`case.${name}`, {}, name)));
        return item(choice);
      }),
    );
  }

  fill() {
    for (const [name, value] of Object.entries(this.answer.faults)) {
      const input = this.input(name);
      if (input.type === "checkbox") input.checked = value;
      else input.value = String(value);
      input.ariaInvalid = "false";
    }
  }

  relabel() {
    this.isEdited = false;
    this.complain("");
    byId("in-force").replaceChildren();
    if (this.answer === null) return;
    this.draw();
    this.show(this.answer);
  }
}

function fieldOf(name, { type, minimum, maximum }) {
  const row = element("label", type === "boolean" ? "check" : "number-field");
  const input = element("input");
  input.name = name;
  if (type === "boolean") {
    input.type = "checkbox";
    row.append(input, element("span", "", faultName(name)));
    return row;
  }
  input.inputMode = "decimal";
  if (maximum !== undefined) input.placeholder = `${minimum}–${number(maximum)}`;
  row.append(element("span", "", faultName(name)), input);
  return row;
}

const faultName = (name) => t(`fault.${name}`, {}, name);

function item(child) {
  const li = element("li");
  li.append(child);
  return li;
}
