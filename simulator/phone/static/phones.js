// The phones that stand side by side: which, in what order, and the one stream that brings them what is new.

import { findCitizens, watchPhones } from "./api.js";
import { button, byId, toast } from "./dom.js";
import { initials } from "./format.js";
import { label, onLanguage, t } from "./language.js";
import { Phone } from "./phone.js";
import { read, write } from "./store.js";

const PHONES_MAX = 12; // that the server lets one stream watch
const RECENT_MAX = 6;

export class Phones {
  /** `onDetails(phone, message, opener)`: somebody wants to know more of a message. */
  constructor(onDetails) {
    this.onDetails = onDetails;
    this.phones = [];
    this.population = "";
    this.gateway = ["5505", "unknown"];
    this.unwatch = () => {};
    onLanguage(() => this.showSwitcher());
  }

  /** Opens those that were open last, or that of the first citizen. */
  async start(population) {
    this.population = population;
    const open = read(this.key("open phones"), null) ?? read(this.key("phones"), []).slice(0, 1);
    for (const owner of open.slice(0, PHONES_MAX)) this.take(this.put(), owner);
    if (this.phones.length > 0) return;
    const phone = this.put();
    const [first] = await findCitizens("", "authenticated", 1).catch(() => []);
    if (first && phone.owner === null) this.take(phone, first);
  }

  key(what) {
    return `${what} of ${this.population}`;
  }

  recent() {
    return read(this.key("phones"), []);
  }

  /** One more, for whoever is chosen on it; or for `owner`. */
  add(owner = null) {
    if (owner !== null && this.shown(owner.msisdn)) return;
    const blank = this.phones.find((phone) => phone.owner === null);
    if (blank === undefined && this.phones.length >= PHONES_MAX) {
      toast(t("page.phonesMax", { max: PHONES_MAX }));
      return;
    }
    const phone = blank ?? this.put();
    phone.root.scrollIntoView({ block: "nearest", inline: "center" });
    if (owner !== null) {
      this.take(phone, owner);
      phone.text.focus();
    } else if (!phone.chooser.sheet.open) {
      phone.chooser.open();
    }
  }

  setGateway(...gateway) {
    this.gateway = gateway;
    for (const phone of this.phones) phone.setGateway(...gateway);
  }

  /** The server answers: what could not be read before can be now. */
  reachable() {
    for (const phone of this.phones) if (phone.missing) phone.load();
  }

  put() {
    const phone = new Phone({
      onChoose: (chosenOn, owner) => this.chosen(chosenOn, owner),
      onLoaded: () => this.watch(),
      onRemove: (removed) => this.remove(removed),
      onDetails: this.onDetails,
      recent: () => this.recent(),
    });
    phone.setGateway(...this.gateway);
    this.phones.push(phone);
    byId("phones").append(phone.root);
    this.changed();
    return phone;
  }

  chosen(phone, owner) {
    if (phone.owner?.msisdn === owner.msisdn) return;
    if (this.shown(owner.msisdn)) toast(t("page.alreadyOpen"));
    else this.take(phone, owner);
  }

  /** Brings the phone with this number into sight, if there is one. */
  shown(msisdn) {
    const phone = this.phones.find((one) => one.owner?.msisdn === msisdn);
    phone?.root.scrollIntoView({ block: "nearest", inline: "center" });
    phone?.text.focus();
    return phone !== undefined;
  }

  take(phone, owner) {
    phone.use(owner);
    const others = this.recent().filter((one) => one.msisdn !== owner.msisdn);
    write(this.key("phones"), [owner, ...others].slice(0, RECENT_MAX));
    this.changed();
  }

  remove(phone) {
    const next = this.phones[this.phones.indexOf(phone) + 1] ?? this.phones[this.phones.indexOf(phone) - 1];
    this.phones = this.phones.filter((one) => one !== phone);
    phone.close();
    this.changed();
    this.watch();
    next?.find(".sim").focus();
  }

  changed() {
    const owners = this.phones.map((phone) => phone.owner).filter((owner) => owner !== null);
    if (owners.length > 0) write(this.key("open phones"), owners);
    byId("phones").classList.toggle("single", this.phones.length === 1);
    this.showSwitcher();
  }

  /** On a small screen, where one phone has all the room, this leads to the others. */
  showSwitcher() {
    byId("switcher").hidden = this.phones.length < 2;
    byId("switcher").replaceChildren(
      ...this.phones.map((phone) => {
        const tab = button("tab", phone.owner?.name ? initials(phone.owner.name) : "#", () =>
          phone.root.scrollIntoView({ block: "nearest", inline: "center" }),
        );
        label(tab, phone.name);
        return tab;
      }),
    );
  }

  watch() {
    const loaded = this.phones.filter((phone) => phone.loaded);
    this.unwatch();
    this.unwatch = () => {};
    if (loaded.length === 0) return;
    const of = (msisdn) => this.phones.find((phone) => phone.loaded && phone.owner.msisdn === msisdn);
    this.unwatch = watchPhones(
      loaded.map((phone) => ({ msisdn: phone.owner.msisdn, after: phone.thread.newestId })),
      {
        onMessage: (msisdn, message) => of(msisdn)?.thread.add(message),
        onState: (msisdn, id, state) => of(msisdn)?.thread.setState(id, state),
      },
    );
  }
}
