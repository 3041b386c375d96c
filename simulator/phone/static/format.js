// How values read to a person: numbers, times, states. Nothing here touches the page.

export const STATES = {
  authenticated: "Đã xác thực",
  unverified: "Chưa xác thực",
  disowned: "Bị phủ nhận",
  locked_one_way: "Khóa một chiều",
  locked_two_way: "Khóa hai chiều",
  recycled: "Thu hồi",
};
export const DEPARTED = "Đã mất hoặc mất tích";

const ENCODINGS = { gsm7: "GSM-7", ucs2: "UCS-2" };
const ZONE = "Asia/Ho_Chi_Minh";
const clock = new Intl.DateTimeFormat("vi", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: ZONE });
const day = new Intl.DateTimeFormat("vi", { weekday: "long", day: "numeric", month: "numeric", timeZone: ZONE });
const seconds = new Intl.NumberFormat("vi", { maximumFractionDigits: 1 });

/** "84912345678" as people read it: "0912 345 678". */
export function phoneNumber(msisdn) {
  const national = /^84(\d{2})(\d{3})(\d{4})$/.exec(msisdn);
  return national ? `0${national[1]}${national[2][0]} ${national[2].slice(1)}${national[3][0]} ${national[3].slice(1)}` : `+${msisdn}`;
}

/** The letters of the given name and the family name, as on a contact's picture. */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  return words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0][0] ?? "");
}

export const timeOfDay = (date) => clock.format(date);

export function dayName(date, today = new Date()) {
  if (day.format(date) === day.format(today)) return "Hôm nay";
  const name = day.format(date);
  return name[0].toUpperCase() + name.slice(1);
}

export const encodingAndSegments = ({ encoding, segments }) => `${ENCODINGS[encoding]} · ${segments} đoạn`;

export const delay = (ms) => (ms < 1000 ? `${ms} ms` : `${seconds.format(ms / 1000)} giây`);
