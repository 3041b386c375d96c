// The phone's HTTP interface. Every failure is an Error whose message can be shown to the person.

import { t } from "./language.js";

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (cause) {
    throw new Error(t("error.unreachable"), { cause });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const sentence = answer.error ?? t("error.status", { status: response.status });
    throw new Error(t(`error.${answer.code}`, {}, sentence));
  }
  return answer;
}

const json = (method, body) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const phone = (msisdn) => `/api/phones/${encodeURIComponent(msisdn)}`;

export const sendMessage = (from, to, text) => ask("/api/messages", json("POST", { from, to, text }));

export const listMessages = async (msisdn) => (await ask(`${phone(msisdn)}/messages`)).messages;

export const findCitizens = async (query, state, limit, signal) =>
  (await ask(`/api/citizens?${new URLSearchParams({ query, state, limit })}`, { signal })).citizens;

export const health = () => ask("/healthz");

export const readFaults = () => ask("/admin/faults");
export const setFaults = (faults) => ask("/admin/faults", json("PUT", faults));

/** `what` is "wire" or "journey". */
export const readDetails = (msisdn, id, what) => ask(`${phone(msisdn)}/messages/${id}/${what}`);

/**
 * Watches some phones, [{msisdn, after}]: calls `onMessage` with each message behind the id `after`, and `onState` with what has become
 * of what a phone sent. Returns what ends it; lost connections mend themselves.
 */
export function watchPhones(phones, { onMessage, onState }) {
  const asked = new URLSearchParams(phones.map(({ msisdn, after }) => ["phone", `${msisdn}:${after}`]));
  const source = new EventSource(`/api/events?${asked}`);
  source.onmessage = (event) => {
    const { phone: msisdn, message } = JSON.parse(event.data);
    onMessage(msisdn, message);
  };
  source.addEventListener("state", (event) => {
    const { phone: msisdn, id, state } = JSON.parse(event.data);
    onState(msisdn, id, state);
  });
  return () => source.close();
}
