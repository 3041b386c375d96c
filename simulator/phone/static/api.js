// The phone's HTTP interface. Every failure is an Error whose message can be shown to the person.

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (cause) {
    throw new Error("Không liên lạc được với điện thoại mô phỏng. Chương trình còn chạy không?", { cause });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `Có lỗi từ máy chủ (${response.status}).`);
  return answer;
}

const phone = (msisdn) => `/api/phones/${encodeURIComponent(msisdn)}`;

export const sendMessage = (from, to, text) =>
  ask("/api/messages", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ from, to, text }),
  });

export const listMessages = async (msisdn) => (await ask(`${phone(msisdn)}/messages`)).messages;

export const findCitizens = async (query, state, limit, signal) =>
  (await ask(`/api/citizens?${new URLSearchParams({ query, state, limit })}`, { signal })).citizens;

export const health = () => ask("/healthz");

/** Calls `onMessage` for each message after `after`. Returns what ends it; lost connections mend themselves. */
export function watchMessages(msisdn, after, onMessage) {
  const source = new EventSource(`${phone(msisdn)}/events?after=${after}`);
  source.onmessage = (event) => onMessage(JSON.parse(event.data));
  return () => source.close();
}
