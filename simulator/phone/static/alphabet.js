// What a text costs on the air, for the counter under the text: the sizes of 3GPP TS 23.038 and TS 23.040, as a phone shows them.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€"); // an escape before each: two septets

/** {encoding, units, segments, limit}: `limit` is what fits into that many segments. */
export function cost(text) {
  let septets = 0;
  for (const character of text) {
    if (BASIC.has(character)) septets += 1;
    else if (EXTENSION.has(character)) septets += 2;
    else return sized("ucs2", text.length, 70, 67);
  }
  return sized("gsm7", septets, 160, 153);
}

function sized(encoding, units, alone, joined) {
  const segments = units <= alone ? 1 : Math.ceil(units / joined);
  return { encoding, units, segments, limit: segments === 1 ? alone : segments * joined };
}
