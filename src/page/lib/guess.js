// What a file holds: its columns, the types that its values allow, and the cells that a type would refuse.
import { records } from "./csv.js";

/** Types that can be chosen, with the test that a value of them passes. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/;
const FIXED = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const YES_NO = /^(true|false|yes|no|t|f|y|n|on|off)$/i;
const GEOMETRIES = { Point: "point", MultiPoint: "multipoint", LineString: "line", MultiLineString: "multiline", Polygon: "polygon", MultiPolygon: "multipolygon" };

const isText = (value) => typeof value !== "object";
const FITS = {
  text: isText,
  number: (value) => typeof value === "number" || (isText(value) && NUMBER.test(String(value).trim())),
  checkbox: (value) => typeof value === "boolean" || YES_NO.test(String(value).trim()),
  calendar_date: (value) => DATE.test(String(value).trim()) && isDay(String(value)),
  fixed_timestamp: (value) => FIXED.test(String(value).trim()) && isDay(String(value)),
  url: (value) => (isText(value) ? /^https?:\/\/\S+$/i.test(value) : Boolean(value.url)),
  location: (value) => !isText(value) && (value.latitude !== undefined || value.human_address !== undefined),
  ...Object.fromEntries(Object.entries(GEOMETRIES).map(([name, type]) => [type, (value) => value?.type === name && Array.isArray(value.coordinates)])),
};

/** A day that the calendar has. */
function isDay(text) {
  const [year, month, day] = text.trim().slice(0, 10).split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export const TYPES = Object.keys(FITS);
const GUESSED = ["number", "checkbox", "calendar_date", "fixed_timestamp", "url", "location", ...Object.values(GEOMETRIES)];

export const isEmpty = (value) => value === undefined || value === null || value === "";

/** Whether a column of a type takes a value. */
export const takes = (type, value) => isEmpty(value) || FITS[type](value);

/** A number with zeros in front is a code, not a number. */
const isCode = (value) => /^0\d/.test(String(value).trim());

function typeOf(values) {
  const filled = values.filter((value) => !isEmpty(value));
  if (!filled.length) return "text";
  if (filled.some(isCode)) return "text";
  return GUESSED.find((type) => filled.every(FITS[type])) ?? "text";
}

/** A name of a column as a field name: small letters, digits and underscores. */
export function fieldName(name, taken) {
  const plain = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").replace(/^(?=\d)/, "_").slice(0, 60) || "column";
  let free = plain;
  for (let number = 2; taken.has(free); number += 1) free = `${plain}_${number}`;
  taken.add(free);
  return free;
}

/** The columns and rows of a file's text: `{ names, rows }`, rows as lists; throws an Error whose text says what is wrong. */
export function read(text, fileName) {
  const isJson = /\.(geo)?json$/i.test(fileName) || /^\s*[[{]/.test(text);
  if (!isJson) return fromRecords(records(text));
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const lines = text.trim().split("\n");
    if (lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*,?$/.test(line))) return fromObjects(lines.map((line) => JSON.parse(line.replace(/,\s*$/, ""))));
    throw new Error(`This is no JSON: ${error.message}`);
  }
  if (value.type === "FeatureCollection") return fromObjects(value.features.map((feature) => ({ ...feature.properties, geometry: feature.geometry })));
  const list = Array.isArray(value) ? value : Array.isArray(value.rows) ? value.rows : undefined;
  if (!list?.length || list.some((row) => row === null || typeof row !== "object" || Array.isArray(row))) throw new Error("The JSON is no list of objects and no GeoJSON FeatureCollection.");
  return fromObjects(list);
}

function fromRecords([names, ...rows]) {
  if (!names || !rows.length) throw new Error("The file has no line below its heading.");
  return { names: names.map((name, index) => name.trim() || `Column ${index + 1}`), rows };
}

function fromObjects(list) {
  const names = [...new Set(list.flatMap(Object.keys))].filter((name) => !/^:(?!@)/.test(name));
  return { names, rows: list.map((row) => names.map((name) => row[name])) };
}

/** A schema for what was read: columns `{ name, fieldName, type }`, and the field that may identify rows, if one can. */
export function guess({ names, rows }) {
  const taken = new Set();
  const columns = names.map((name, index) => ({ name, fieldName: fieldName(name, taken), type: typeOf(rows.map((row) => row[index])) }));
  const unique = columns.filter(({ type }, index) => ["text", "number"].includes(type) && rows.every((row) => !isEmpty(row[index])) && new Set(rows.map((row) => String(row[index]))).size === rows.length);
  const key = unique.find(({ fieldName: field }) => /(^|_)(id|key|code|no|number|nr)$/.test(field)) ?? unique[0];
  return { columns, key: key?.fieldName };
}

/** The cells that the columns would refuse, as `[row, column]`, the first `most` of them, and how many there are. */
export function refused(rows, columns, most = 1000) {
  const cells = [];
  let total = 0;
  rows.forEach((row, at) => columns.forEach(({ type }, column) => {
    if (takes(type, row[column])) return;
    total += 1;
    if (cells.length < most) cells.push([at, column]);
  }));
  return { cells, total };
}

/** The rows as objects for an upsert; what is empty, and where `lenient` what would be refused, is left out. */
export function objects(rows, columns, lenient) {
  return rows.map((row) => Object.fromEntries(columns.flatMap(({ fieldName: field, type }, at) => {
    const value = row[at];
    if (isEmpty(value) || (lenient && !takes(type, value))) return [];
    return [[field, type === "text" && typeof value === "object" ? JSON.stringify(value) : valueFor(type, value)]];
  })));
}

function valueFor(type, value) {
  if (type === "url" && typeof value === "string") return { url: value };
  if (type === "checkbox" && typeof value === "string") return /^(true|yes|t|y|on)$/i.test(value.trim());
  if (type === "calendar_date" && typeof value === "string") return value.trim().replace(" ", "T");
  return typeof value === "string" && type !== "text" ? value.trim() : value;
}
