// Values of every column type as text that can be read. All of it is text: nothing is taken for HTML.
import { html } from "./html.js";
import { cut, time } from "./format.js";

const NUMERIC = new Set(["number", "double"]);
export const GEOMETRY = new Set(["point", "multipoint", "line", "multiline", "polygon", "multipolygon"]);
const TIMES = new Set(["floating_timestamp", "fixed_timestamp"]);

/** So many letters of a cell are drawn in a table; the row's own view has all. */
const SHOWN = 400;

export const isNumeric = (type) => NUMERIC.has(type);
export const isTime = (type) => TIMES.has(type);
export const isGeometry = (type) => GEOMETRY.has(type);

/** The value as one line of plain text, for titles, for copying and for the width of a column. */
export function plain(value, type) {
  if (value === undefined || value === null) return "";
  if (typeof value !== "object") return TIMES.has(type) ? time(String(value)) : String(value);
  if (type === "url") return value.url ?? value.description ?? "";
  if (GEOMETRY.has(type)) return geometry(value);
  if (type === "location") return location(value);
  return JSON.stringify(value);
}

/** "Point 12.5 41.9", "Polygon, 2 rings, 37 positions". */
export function geometry(value) {
  if (value?.type === "Point" && Array.isArray(value.coordinates)) {
    return value.coordinates.length ? `${value.coordinates[0]}, ${value.coordinates[1]}` : "empty";
  }
  let positions = 0;
  const walk = (item) => (typeof item?.[0] === "number" ? (positions += 1) : Array.isArray(item) && item.forEach(walk));
  walk(value?.coordinates);
  const parts = /^Multi|Polygon/.test(value?.type ?? "") ? `${value.coordinates?.length ?? 0} parts, ` : "";
  return `${value?.type ?? "geometry"}, ${parts}${positions} positions`;
}

function location({ latitude, longitude, human_address: address }) {
  let text = "";
  try {
    text = Object.values(JSON.parse(address ?? "{}")).filter(Boolean).join(", ");
  } catch {
    text = String(address);
  }
  const place = latitude === undefined ? "" : `${longitude}, ${latitude}`;
  return [text, place].filter(Boolean).join(" · ");
}

/** Only addresses that lead to a page or a letter become links; `javascript:` stays text. */
export function safeAddress(url) {
  return typeof url === "string" && /^(https?:\/\/|mailto:)/i.test(url.trim()) ? url.trim() : undefined;
}

/** A value as it stands in a table. */
export function cell(value, type, { link = true } = {}) {
  if (value === undefined || value === null) return html`<span class="null">null</span>`;
  if (type === "boolean") return checkbox(value);
  const text = cut(plain(value, type), SHOWN);
  if (type === "url" && link) {
    const address = safeAddress(value.url);
    const shown = value.description ? `${value.description}` : text;
    if (address) return html`<a href=${address} target="_blank" rel="noopener noreferrer" tabindex="-1"><bdi>${shown}</bdi></a>`;
  }
  if (TIMES.has(type)) return timestamp(text);
  if (NUMERIC.has(type)) return html`<span class="number">${text}</span>`;
  if (type === "row_identifier" || type === "row_version") return html`<span class="mono">${text}</span>`;
  if (text === "" && typeof value === "string") return html`<span class="null">empty</span>`;
  return html`<bdi>${shown(text)}</bdi>`;
}

/** Signs that are not seen and change how the rest is read: marks of direction, blanks without width, controls. */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const PARTS = new RegExp(`(^[^\\S\\r\\n\\t]+|[^\\S\\r\\n\\t]+$|[\\r\\n]+|\\t|${UNSEEN.source})`, "g");

/** A text in which nothing deceives: unseen signs as their code, blanks at the ends as dots, ends of lines as arrows. */
export function shown(text) {
  const parts = text.split(PARTS);
  if (parts.length === 1) return text;
  const sign = (mark, title) => html`<span class="sign" title=${title}>${mark}</span>`;
  return parts.map((part, index) => {
    if (index % 2 === 0) return part;
    if (/[\r\n]/.test(part)) return sign(" ↵ ", "end of line");
    if (part === "\t") return sign(" ⇥ ", "tab");
    if (UNSEEN.test(part)) return sign(codeOf(part), "a sign that is not seen");
    return sign("·".repeat(part.length), part.length === 1 ? "a blank" : `${part.length} blanks`);
  });
}

const codeOf = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

function timestamp(text) {
  const [date, ...rest] = text.split(" ");
  const midnight = rest.join(" ") === "00:00:00";
  return html`<span class="time">${date}<span class=${midnight ? "faint" : ""}>${" "}${rest.join(" ")}</span></span>`;
}

function checkbox(value) {
  const yes = value === true || value === "true";
  return html`<span class="check">
    <svg viewBox="0 0 14 14" aria-hidden="true" class=${yes ? "on" : ""}>
      <rect x="1.5" y="1.5" width="11" height="11" rx="2" />${yes && html`<path d="M4 7.2 6.2 9.4 10.2 4.8" />`}
    </svg>${yes ? "true" : "false"}</span>`;
}

const SIGNS = {
  number: "123", double: "1.5", text: "abc", boolean: "y/n", floating_timestamp: "date", fixed_timestamp: "date z",
  row_identifier: "id", row_version: "ver",
};

/** A few letters for a type. */
export const typeSign = (type) => SIGNS[type] ?? type;
