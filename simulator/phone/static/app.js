// Joins the parts of the page: the phones, the panels beside them, and whether the gateway is there.

import { health } from "./api.js";
import { Details } from "./details.js";
import { byId, element, icon } from "./dom.js";
import { FaultPanel } from "./faults.js";
import { apply, label, onLanguage, otherLanguage, t } from "./language.js";
import { Panel, isNarrow } from "./panel.js";
import { Phones } from "./phones.js";
import { read, write } from "./store.js";

const HEALTH_EVERY_MS = 2000;
const SCHEMES = ["auto", "light", "dark"];
const TICKS = ["waiting", "sent", "delivered", "refused"];

const details = new Details();
const phones = new Phones((phone, message, opener) => details.open(phone.owner.msisdn, message, opener));
const faults = new FaultPanel((msisdn) => {
  if (isNarrow()) faults.panel.close();
  phones.add({ msisdn, name: "", state: "", citizen_id: "", departed: false });
});

// ---- the gateway

let shortCode = "5505";
let population = "";
let gateway = { state: "unknown", key: "gateway.unknown", binds: 0 };

async function checkHealth() {
  try {
    const answer = await health();
    const binds = Object.values(answer.binds).reduce((sum, count) => sum + count, 0);
    shortCode = answer.short_code;
    population = answer.population;
    gateway = binds > 0 ? { state: "up", key: "gateway.up", binds } : { state: "down", key: "gateway.away", binds };
    phones.reachable();
  } catch {
    gateway = { state: "down", key: "gateway.gone", binds: 0 };
  }
  showGateway();
}

function showGateway() {
  const sentence = t(gateway.key, { binds: gateway.binds });
  byId("gateway").dataset.state = gateway.state;
  byId("gateway").title = sentence;
  if (byId("gateway-text").textContent !== sentence) byId("gateway-text").textContent = sentence;
  byId("lead").textContent = t("guide.lead", { code: shortCode });
  phones.setGateway(shortCode, gateway.state);
}

// ---- language and colours

let scheme = read("scheme", "auto");

function showScheme() {
  document.documentElement.dataset.scheme = scheme;
  label(byId("scheme"), t(`page.scheme.${scheme}`));
}

function showTicks() {
  byId("ticks").replaceChildren(
    ...TICKS.map((state) => {
      const line = element("li", "tick");
      line.dataset.state = state;
      line.append(icon(`tick-${state}`), element("b", "", t(`tick.${state}`)), ` ${t(`tick.${state}.why`)}`);
      return line;
    }),
  );
}

function relabel() {
  showGateway();
  showScheme();
  showTicks();
}

async function start() {
  showScheme();
  apply();
  onLanguage(relabel);
  relabel();
  byId("add-phone").addEventListener("click", () => phones.add());
  byId("language").addEventListener("click", otherLanguage);
  byId("scheme").addEventListener("click", () => {
    scheme = SCHEMES[(SCHEMES.indexOf(scheme) + 1) % SCHEMES.length];
    write("scheme", scheme);
    showScheme();
  });
  const guide = new Panel("guide", {
    onOpen: () => write("guide", "open"),
    onClose: () => write("guide", "closed"),
  });
  if (!isNarrow() && read("guide", "open") === "open") guide.open();
  await checkHealth();
  await phones.start(population);
  faults.poll();
  setInterval(checkHealth, HEALTH_EVERY_MS);
  setInterval(() => faults.poll(), HEALTH_EVERY_MS);
}

start();
