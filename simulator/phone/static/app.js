// Joins the parts of the page: whose phone it is, what they write, what comes back, and whether the gateway is there.

import { cost } from "./alphabet.js";
import { findCitizens, health, listMessages, sendMessage, watchMessages } from "./api.js";
import { initChooser, open as openChooser } from "./chooser.js";
import { STATES, DEPARTED, encodingAndSegments, initials, phoneNumber, timeOfDay } from "./format.js";
import * as thread from "./thread.js";

const HEALTH_EVERY_MS = 2000;
const TOAST_MS = 6000;
const RECENT_MAX = 4;

const byId = (id) => document.getElementById(id);
const text = byId("text");
const chips = byId("chips");

let shortCode = "5505";
let recentKey = "phones"; // and the population that they are of
let phone = null;
let unwatch = () => {};

// ---- whose phone it is

function recentPhones() {
  try {
    return JSON.parse(localStorage.getItem(recentKey)) ?? [];
  } catch {
    return []; // storage that is switched off or holds something else
  }
}

function remember(chosen) {
  const others = recentPhones().filter((one) => one.msisdn !== chosen.msisdn);
  try {
    localStorage.setItem(recentKey, JSON.stringify([chosen, ...others].slice(0, RECENT_MAX)));
  } catch {
    // without storage the page forgets, and works
  }
}

async function usePhone(chosen) {
  phone = chosen;
  unwatch();
  unwatch = () => {};
  remember(chosen);
  showPhone();
  thread.clear(`Nhắn “DC” tới ${shortCode} để tra cứu thông tin.`);
  try {
    const messages = await listMessages(chosen.msisdn);
    if (phone !== chosen) return;
    for (const message of messages) thread.add(message, { animate: false });
  } catch (error) {
    toast(error.message);
  }
  if (phone !== chosen) return;
  unwatch = watchMessages(chosen.msisdn, thread.newestId(), (message) => phone === chosen && thread.add(message));
}

function showPhone() {
  byId("sim-avatar").textContent = phone.name ? initials(phone.name) : "#";
  byId("sim-name").textContent = phone.name || phoneNumber(phone.msisdn);
  byId("sim-number").textContent = phone.name ? phoneNumber(phone.msisdn) : "Số tự nhập";
  const badge = byId("sim-badge");
  badge.hidden = !phone.state;
  badge.dataset.state = phone.departed ? "departed" : phone.state;
  badge.textContent = phone.departed ? DEPARTED : (STATES[phone.state] ?? "");
  showChips();
  updateComposer();
}

// ---- writing

function showChips() {
  const texts = ["DC", "DC DAU", "DC MUC THE", "DC TB", "DC HD"];
  if (phone?.citizen_id) texts.push(`DC ${phone.citizen_id}`);
  chips.replaceChildren(
    ...texts.map((inquiry) => {
      const chip = thread.element("button", "chip", inquiry);
      chip.type = "button";
      chip.disabled = phone === null;
      chip.addEventListener("click", () => send(inquiry));
      return chip;
    }),
  );
}

function updateComposer() {
  byId("send").disabled = phone === null || text.value.trim() === "";
  const counter = byId("counter");
  counter.hidden = text.value === "";
  if (text.value !== "") {
    const { encoding, segments, units, limit } = cost(text.value.normalize("NFC"));
    counter.textContent = `${units}/${limit} · ${encodingAndSegments({ encoding, segments })}`;
  }
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

async function send(inquiry) {
  const sender = phone;
  const pending = thread.addPending(inquiry);
  try {
    await sendMessage(sender.msisdn, shortCode, inquiry);
    pending.sent();
  } catch (error) {
    pending.failed(() => phone === sender && send(inquiry));
    toast(error.message);
  }
}

function submit(event) {
  event.preventDefault();
  const inquiry = text.value.trim().normalize("NFC");
  if (phone === null || inquiry === "") return;
  text.value = "";
  updateComposer();
  text.focus();
  send(inquiry);
}

// ---- the world around

async function checkHealth() {
  let state = "down";
  let sentence = "Không liên lạc được với điện thoại mô phỏng";
  try {
    const answer = await health();
    const binds = Object.values(answer.binds).reduce((sum, count) => sum + count, 0);
    for (const place of document.querySelectorAll(".short-code")) place.textContent = answer.short_code;
    shortCode = answer.short_code;
    recentKey = `phones of ${answer.population}`;
    state = binds > 0 ? "up" : "down";
    sentence = binds > 0 ? `Cổng dịch vụ đã kết nối · ${binds} liên kết` : "Cổng dịch vụ chưa kết nối; tin nhắn được giữ lại";
  } catch {
    // said by the sentence above
  }
  byId("gateway").dataset.state = state;
  byId("gateway-text").textContent = sentence;
  byId("peer-state").dataset.state = state;
  byId("peer-state").textContent = state === "up" ? "Tra cứu dân cư" : "Chưa kết nối với cổng dịch vụ";
}

function toast(message) {
  const note = thread.element("p", "toast", message);
  byId("toasts").replaceChildren(note);
  setTimeout(() => note.remove(), TOAST_MS);
}

function initGuide() {
  const guide = byId("guide");
  const close = () => {
    guide.classList.remove("open");
    byId("guide-open").focus();
  };
  byId("guide-open").addEventListener("click", () => {
    guide.classList.add("open");
    byId("guide-title").focus();
  });
  byId("guide-close").addEventListener("click", close);
  guide.addEventListener("keydown", (event) => event.key === "Escape" && close());
}

function tick() {
  byId("clock").textContent = timeOfDay(new Date());
}

async function start() {
  initChooser(usePhone, recentPhones);
  initGuide();
  byId("sim").addEventListener("click", openChooser);
  byId("form").addEventListener("submit", submit);
  text.addEventListener("input", updateComposer);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  showChips();
  thread.clear("Chọn một công dân, hoặc nhập một số điện thoại, để bắt đầu.");
  tick();
  setInterval(tick, 1000);
  setInterval(checkHealth, HEALTH_EVERY_MS);
  await checkHealth();
  const [last] = recentPhones();
  if (last) {
    await usePhone(last);
    return;
  }
  const [first] = await findCitizens("", "authenticated", 1).catch(() => []);
  if (first && phone === null) await usePhone(first);
}

start();
