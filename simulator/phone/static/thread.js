// The conversation on the screen: bubbles that only ever grow at the end, those not yet sent, and the sign that a reply is awaited.

import { dayName, delay, encodingAndSegments, timeOfDay } from "./format.js";

const WAIT_MAX_MS = 150_000; // the service answers or gives up within 120 s

const byId = (id) => document.getElementById(id);
const view = byId("thread");
const list = byId("messages");
const pendingList = byId("pending");
const waiting = byId("waiting");
const empty = byId("empty");

let lastId = 0;
let lastDay = "";
let waitTimer = 0;

export const newestId = () => lastId;

export function clear(hint) {
  list.replaceChildren();
  pendingList.replaceChildren();
  lastId = 0;
  lastDay = "";
  setWaiting(false);
  byId("empty-text").textContent = hint;
  empty.hidden = false;
}

/** Shows a message of the server's list, once, however often it comes. */
export function add(message, { animate = true } = {}) {
  if (message.id <= lastId) return;
  lastId = message.id;
  const at = new Date(message.at);
  const day = dayName(at);
  if (day !== lastDay) {
    lastDay = day;
    list.append(element("li", "day", day));
  }
  const facts = [timeOfDay(at), encodingAndSegments(message)];
  if (message.direction === "mo") {
    facts.push("Đã gửi");
    dropPending(message.text);
  } else if (message.delay_ms !== null) {
    facts.push(delay(message.delay_ms));
  }
  const item = bubble(message.direction, message.text, facts.join(" · "));
  item.dataset.id = message.id;
  item.classList.toggle("new", animate && message.direction === "mt");
  list.append(item);
  setWaiting(message.direction === "mo" && Date.now() - at < WAIT_MAX_MS);
  settle();
}

/** Shows a text that is on its way to the server. Returns the means to tell what became of it. */
export function addPending(text) {
  const item = bubble("mo", text, "Đang gửi…");
  item.classList.add("pending", "new");
  pendingList.append(item);
  settle();
  return {
    sent() {
      item.querySelector(".meta").textContent = "Đã gửi"; // until the stream of messages brings it
    },
    failed(onRetry) {
      item.classList.replace("pending", "failed");
      const retry = element("button", "retry", "Gửi lại");
      retry.type = "button";
      retry.addEventListener("click", () => {
        item.remove();
        onRetry();
      });
      item.querySelector(".meta").replaceChildren("Chưa gửi được · ", retry);
      settle();
    },
  };
}

function dropPending(text) {
  const item = [...pendingList.querySelectorAll(".pending")].find((one) => one.dataset.text === text);
  item?.remove();
}

function setWaiting(on) {
  clearTimeout(waitTimer);
  waiting.hidden = !on;
  if (on) waitTimer = setTimeout(() => setWaiting(false), WAIT_MAX_MS);
}

function bubble(direction, text, meta) {
  const item = element("li", `message ${direction}`);
  item.dataset.text = text;
  item.append(
    element("span", "visually-hidden", direction === "mo" ? "Bạn nhắn:" : "Trả lời:"),
    element("p", "bubble", text),
    element("p", "meta", meta),
  );
  return item;
}

function settle() {
  empty.hidden = list.childElementCount + pendingList.childElementCount > 0;
  toEnd();
}

function toEnd() {
  view.scrollTop = view.scrollHeight;
}

// When a keyboard or a longer text takes room, the last message stays in sight.
new ResizeObserver(toEnd).observe(view);

export function element(tag, className, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
