// Numbers, times and sizes for people.

const whole = new Intl.NumberFormat("en-GB");

/** 1,234,567; with `digits` after the point 1,234.5. */
export const count = (n, digits = 0) => (n === undefined || n === null ? "" : digits ? n.toLocaleString("en-GB", { maximumFractionDigits: digits }) : whole.format(n));

/** "1 row", "2 rows". */
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** 1.2 KB; a thousand bytes a step. */
export function bytes(n) {
  if (n === undefined || n === null) return "";
  if (n < 1000) return `${n} B`;
  const unit = n < 1e6 ? "KB" : n < 1e9 ? "MB" : "GB";
  const value = n / (n < 1e6 ? 1e3 : n < 1e9 ? 1e6 : 1e9);
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** 0.4 ms, 12 ms, 1.5 s. */
export function duration(ms) {
  if (ms === undefined || ms === null) return "";
  if (ms < 10) return `${Number(ms).toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** How long ago, on a clock that reads `now`. */
export function ago(iso, now = Date.now()) {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (Math.abs(seconds) < 5) return "now";
  const steps = [[60, "s", 1], [3600, "min", 60], [86400, "h", 3600], [86400 * 60, "d", 86400]];
  const step = steps.find(([limit]) => Math.abs(seconds) < limit);
  if (!step) return iso.slice(0, 10);
  const text = `${Math.round(Math.abs(seconds) / step[2])} ${step[1]}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** An ISO time as "2025-01-31 12:00:00.5 Z": nothing lost but zeros. */
export function time(iso) {
  const match = /^(\d{4,}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d*?)?0*(Z?)$/.exec(iso);
  if (!match) return iso;
  const [, date, clock, fraction, zone] = match;
  return `${date} ${clock}${fraction && fraction !== "." ? fraction : ""}${zone ? " Z" : ""}`;
}

/** "12:00:00.500" of an ISO time or of milliseconds. */
export function clockTime(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString().slice(11, 23);
}

/** A number of a chart's axis: few digits. */
export function short(n) {
  if (!Number.isFinite(n)) return String(n);
  const size = Math.abs(n);
  if (size >= 1e15) return n.toExponential(2);
  if (size >= 1e9) return `${trim(n / 1e9)}G`;
  if (size >= 1e6) return `${trim(n / 1e6)}M`;
  if (size >= 1e4) return `${trim(n / 1e3)}k`;
  return trim(n);
}

const trim = (n) => String(Number(n.toPrecision(4)));

/** The first letters of a long text. */
export const cut = (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text);
