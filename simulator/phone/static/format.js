// How values read to a person: numbers of phones, names, what a message took.

import { t } from "./language.js";

export const STATES = ["authenticated", "unverified", "disowned", "locked_one_way", "locked_two_way", "recycled"];

const ENCODINGS = { gsm7: "GSM-7", ucs2: "UCS-2" };

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

export const encodingAndSegments = ({ encoding, segments }) =>
  `${ENCODINGS[encoding]} · ${t(segments === 1 ? "phone.segment" : "phone.segments", { count: segments })}`;
