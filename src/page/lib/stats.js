// What is known of a column's values, asked by SoQL.
import { get, path } from "./api.js";
import { compose, equals, identifier, literal } from "./soql.js";
import { cell, isGeometry, isNumeric, isTime, plain } from "./cell.js";
import { short, time } from "./format.js";

const BINS = 24;
const GROUPABLE = new Set(["text", "number", "boolean", "floating_timestamp", "fixed_timestamp", "url", "double"]);
const MOST_VALUES = 20;

/*
 * Aliases end in two underscores: a dataset may well have a column called `n` or `value`, and then the alias
 * would be taken for it.
 */

/** Runs a query on a dataset whether or not it is public. */
export const ask = (id, query, signal) => get(path(["datasets", id, "query.json"], { $query: query }), { signal });

/** The last answers, by what they are of; with another version of the data they are asked for anew. */
const answers = new Map();
const KEPT = 300;

/** `statistics` of a version of the data, which is asked for once. */
export async function statisticsOf(dataset, column, filter, version, signal) {
  const name = JSON.stringify([spaceName(), dataset.id, dataset.schema_version, version, column.fieldName, filter.where, filter.search]);
  if (answers.has(name)) return answers.get(name);
  const answer = await statistics(dataset, column, filter, signal);
  answers.set(name, answer);
  if (answers.size > KEPT) answers.delete(answers.keys().next().value);
  return answer;
}

const spaceName = () => new URLSearchParams(location.search).get("space");

/** Summary, most frequent values and a histogram where the type has an order. */
async function statistics(dataset, column, filter, signal) {
  const name = identifier(column.fieldName);
  const run = (parts) => ask(dataset.id, compose({ ...filter, order: undefined, ...parts }), signal);
  const groupable = GROUPABLE.has(column.soqlType);
  const ordered = isNumeric(column.soqlType) || isTime(column.soqlType);
  const select = ["count(*) AS total__", `count(${name}) AS filled__`];
  if (groupable) select.push(`count(distinct ${name}) AS different__`);
  if (ordered || column.soqlType === "text") select.push(`min(${name}) AS low__`, `max(${name}) AS high__`);
  if (isNumeric(column.soqlType)) select.push(`avg(${name}) AS mean__`);
  const [summary] = await run({ select: select.join(", ") });
  const [total, filled, different] = ["total__", "filled__", "different__"].map((key) => Number(summary[key] ?? 0));
  const result = { total, filled, different, empty: total - filled, low: summary.low__, high: summary.high__, mean: summary.mean__ };
  if (groupable) result.values = await values(run, name, column);
  if (ordered && filled && different > 2) result.bins = await histogram(run, name, column, result);
  return result;
}

async function values(run, name, column) {
  const rows = await run({ select: `${name} AS value__, count(*) AS n__`, group: name, order: `n__ DESC, ${name}`, limit: MOST_VALUES });
  return rows.map(({ value__: value, n__: n }) => ({
    value, count: Number(n), shown: cell(value, column.soqlType, { link: false }), title: plain(value, column.soqlType),
    literal: literal(value, column.soqlType), condition: column.soqlType === "url" ? undefined : equals(column.fieldName, value, column.soqlType),
  }));
}

/** Where one bar would hold nearly all, ranges grow by a factor instead. */
const SKEWED = 0.9;

async function histogram(run, name, column, { low, high }) {
  return isTime(column.soqlType) ? timeHistogram(run, name, column, low, high) : numberHistogram(run, name, Number(low), Number(high));
}

/** Ranges of equal width; the last one takes the greatest value too. */
async function numberHistogram(run, name, low, high) {
  const width = (high - low) / BINS;
  if (!(width > 0) || !Number.isFinite(width)) return undefined;
  const rows = await run({ select: `floor((${name} - ${exact(low)}) / ${exact(width)}) AS bin__, count(*) AS n__`, group: "bin__" });
  const counts = new Array(BINS).fill(0);
  for (const { bin__: bin, n__: n } of rows) {
    if (bin !== undefined) counts[Math.max(0, Math.min(BINS - 1, Number(bin)))] += Number(n);
  }
  const total = counts.reduce((sum, number) => sum + number, 0);
  if (low >= 0 && high >= 100 && counts[0] > SKEWED * total) return powerHistogram(run, name, high);
  return counts.map((number, index) => {
    const from = low + index * width;
    const to = from + width;
    const last = index === BINS - 1;
    return {
      count: number, label: `${short(from)} to ${short(to)}`, from: short(from), to: short(to),
      condition: `${name} >= ${exact(from)} AND ${name} ${last ? "<=" : "<"} ${last ? exact(high) : exact(to)}`,
    };
  });
}

/** Ranges that each end at twice the last one's end, or ten times in a wide span; the first is below 1. */
async function powerHistogram(run, name, high) {
  const base = high > 1e7 ? 10 : 2;
  const ends = [];
  for (let end = 1; ends.length < 2 * BINS; end *= base) {
    ends.push(end);
    if (end > high) break;
  }
  const cases = ends.map((end, index) => `${name} < ${exact(end)}, ${index}`).join(", ");
  const rows = await run({ select: `case(${name} IS NULL, null, ${cases}) AS bin__, count(*) AS n__`, group: "bin__" });
  const counts = new Array(ends.length).fill(0);
  for (const { bin__: bin, n__: n } of rows) if (bin !== undefined) counts[Number(bin)] += Number(n);
  return counts.map((number, index) => {
    const from = index ? ends[index - 1] : 0;
    return { count: number, label: `${short(from)} to ${short(ends[index])}`, from: short(from), to: short(ends[index]), condition: `${name} >= ${exact(from)} AND ${name} < ${exact(ends[index])}` };
  });
}

/** A number without an exponent. */
const exact = (n) => (Math.abs(n) < 1e21 && Math.abs(n) > 1e-6 || n === 0 ? String(n) : n.toFixed(12));

const STEPS = [["date_trunc_ymd", 24 * 86400e3 * 3, 10], ["date_trunc_ym", 86400e3 * 366 * 5, 7], ["date_trunc_y", Infinity, 4]];

/** One bar a day, a month or a year, whichever fits the span. */
async function timeHistogram(run, name, column, low, high) {
  const span = Date.parse(high) - Date.parse(low);
  const [plainName, , letters] = STEPS.find(([, limit]) => span <= limit);
  const call = column.soqlType === "fixed_timestamp" ? plainName.replace("date_", "datez_") : plainName;
  const rows = await run({ select: `${call}(${name}) AS step__, count(*) AS n__`, group: "step__", order: "step__", limit: 400 });
  const filled = rows.filter((row) => row.step__ !== undefined);
  if (filled.length < 2) return undefined;
  return filled.map(({ step__: step, n__: n }) => ({
    count: Number(n), label: time(step).slice(0, letters), from: step.slice(0, letters), to: step.slice(0, letters),
    condition: `${call}(${name}) = '${step}'`,
  }));
}

export const hasStatistics = (type) => !isGeometry(type);
