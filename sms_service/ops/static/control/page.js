"use strict";
const WORDS = {
  vi: {
    title: "Điều khiển", dashboard: "Bảng theo dõi", syntax: "Cú pháp", token: "Mã điều khiển (nội dung tệp token_file)", operator: "Người thao tác",
    show: "Xem và điều khiển", thisInstance: "Phiên bản này", drain: "Ngừng nhận tin mới", resume: "Nhận tin lại", reload: "Nạp lại cú pháp",
    smscs: "Tổng đài", blocked: "Số bị chặn", number: "Số điện thoại", reason: "Lý do", block: "Chặn", unblock: "Bỏ chặn", old: "Tin chờ quá 10 giây",
    actions: "Các thao tác gần đây", stop: "Ngắt", start: "Nối lại", isolate: "Ngừng nhận", admit: "Nhận lại", pace: "Đổi tốc độ", requeue: "Làm lại",
    giveUp: "Bỏ", none: "Không có.", taking: "Đang nhận tin.", draining: "Đang ngừng nhận tin mới.", inFlight: "đang xử lý", stopped: "đã ngắt", isolated: "không nhận tin",
    unrecorded: "Đã làm, nhưng nhật ký không ghi được; xem log của phiên bản.", noAnswer: "Không kết nối được với cổng.", wrongToken: "Mã điều khiển không đúng.",
    off: "Chưa bật điều khiển: ghi token_file ở mục [ops] của tệp cấu hình.", sure: "Chắc chắn?", perSecond: "tin/giây, 0: không hạn chế", language: "EN",
  },
  en: {
    title: "Control", dashboard: "Dashboard", syntax: "Syntax", token: "Token (the content of token_file)", operator: "Who acts",
    show: "See and steer", thisInstance: "This instance", drain: "Take no new messages", resume: "Take messages again", reload: "Reload the syntax",
    smscs: "SMSCs", blocked: "Blocked senders", number: "Number", reason: "Reason", block: "Block", unblock: "Unblock", old: "Waiting for more than 10 s",
    actions: "Latest actions", stop: "Unbind", start: "Bind again", isolate: "Isolate", admit: "Admit", pace: "Change pace", requeue: "Requeue",
    giveUp: "Give up", none: "None.", taking: "Messages are taken.", draining: "New messages are turned away.", inFlight: "in flight", stopped: "unbound", isolated: "isolated",
    unrecorded: "Done, but the journal did not take it down; see the instance's log.", noAnswer: "The gateway does not answer.", wrongToken: "That is not the token.",
    off: "Control is switched off: name a token_file in [ops] of the configuration.", sure: "Are you sure?", perSecond: "a second, 0: no limit", language: "VI",
  },
};
const at = id => document.getElementById(id);
let language = localStorage.getItem("language") === "en" ? "en" : "vi";
const word = key => WORDS[language][key];

function speak() {
  document.documentElement.lang = language;
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = word(element.dataset.t);
  at("language").textContent = word("language");
}

function said(text, good) {
  at("outcome").className = good ? "good" : "bad";
  at("outcome").textContent = text;
}

async function ask(path, body) {
  const options = { cache: "no-store", headers: { Authorization: "Bearer " + at("token").value } };
  if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  let response;
  try { response = await fetch(path, options); } catch { throw new Error(word("noAnswer")); }
  if (response.status === 401) throw new Error(word("wrongToken"));
  if (response.status === 403) throw new Error(word("off"));
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

async function act(action, fields = {}) {
  if (["drain", "stop", "give-up"].includes(action) && !confirm(word("sure"))) return;
  try {
    const { done, recorded } = await ask("/api/control", { action, operator: at("operator").value, ...fields });
    said(`${done.action} ${done.target}: ${done.outcome}` + (recorded ? "" : " " + word("unrecorded")), recorded);
  } catch (error) { said(error.message, false); }
  await show();
}

function made(tag, text, parent) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

function button(key, action, parent, fields) {
  const element = made("button", word(key), parent);
  element.type = "button";
  element.addEventListener("click", () => act(action, typeof fields === "function" ? fields() : fields));
  return element;
}

function list(id, items, write) {
  at(id).replaceChildren();
  for (const item of items) write(item, made("li", undefined, at(id)));
  if (!items.length) made("li", word("none"), at(id));
}

function smsc(name, state) {
  const row = made("div", undefined, at("smscs"));
  row.className = "smsc";
  const title = made("b", name + " ", row);
  const marks = ["stopped", "isolated"].filter(mark => state[mark].includes(name)).map(word);
  if (marks.length) made("span", marks.join(", "), title).className = "mark";
  for (const action of ["stop", "start", "isolate", "admit"]) button(action, action, row, { smsc: name });
  const rate = made("input", undefined, row);
  Object.assign(rate, { type: "number", min: 0, placeholder: "0", ariaLabel: `${name}: ${word("perSecond")}`, title: word("perSecond") });
  button("pace", "pace", row, () => ({ smsc: name, per_second: Number(rate.value || 0) }));
}

const moment = iso => new Date(iso).toLocaleString(language === "vi" ? "vi-VN" : "en-GB", { timeZone: "Asia/Ho_Chi_Minh" });

async function show() {
  try {
    const [state, blocked, old] = await Promise.all([ask("/api/control"), ask("/api/control/blocked"), ask("/api/control/inquiries")]);
    at("wheel").hidden = false;
    at("instance").textContent = state.instance;
    at("state").textContent = `${word(state.draining ? "draining" : "taking")} ${state.in_flight} ${word("inFlight")}.`;
    at("smscs").replaceChildren();
    for (const name of state.smscs) smsc(name, state);
    list("blocked", blocked, (one, row) => {
      made("span", `${one.sender}  ${moment(one.since)}  ${one.operator}: ${one.reason}`, row);
      button("unblock", "unblock", row, { sender: one.sender });
    });
    list("old", old, (one, row) => {
      made("span", `${one.inquiry_id}  ${one.age_s} s  ${one.smsc}`, row);
      button("requeue", "requeue", row, { inquiry_id: one.inquiry_id });
      button("giveUp", "give-up", row, { inquiry_id: one.inquiry_id });
    });
    list("actions", state.actions.slice(0, 20), (one, row) => {
      made("span", `${moment(one.at)}  ${one.instance}  ${one.operator}: ${one.action} ${one.target}: ${one.outcome}`, row);
    });
    return true;
  } catch (error) {
    at("wheel").hidden = true;
    said(error.message, false);
    return false;
  }
}

at("who").addEventListener("submit", async event => {
  event.preventDefault();
  if (await show()) said("", true);
});
at("block").addEventListener("submit", async event => {
  event.preventDefault();
  await act("block", { msisdn: at("msisdn").value, reason: at("reason").value });
  at("msisdn").value = "";
});
for (const element of document.querySelectorAll("[data-do]")) element.addEventListener("click", () => act(element.dataset.do));
at("language").addEventListener("click", () => {
  language = language === "vi" ? "en" : "vi";
  localStorage.setItem("language", language);
  speak();
  if (!at("wheel").hidden) show();
});
speak();
