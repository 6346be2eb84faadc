// Charts of a result: bar, line, histogram, scatter, by the types of its columns.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../lib/html.js";
import uPlot from "../vendor/uplot.js";
import { isNumeric, isTime, plain } from "../lib/cell.js";
import { kindsFor } from "../lib/chart_kinds.js";
import { count, plural, time } from "../lib/format.js";
import { Field } from "./basics.js";

/** Pixels: the least height of a drawing, and what a bar takes across. */
const LOWEST = 320;
const BAR = 16;
const MOST_BARS = 2000;
const BINS = 40;

const byKind = {
  line: (columns) => [columns.filter((column) => isTime(column.type) || isNumeric(column.type)), columns.filter((column) => isNumeric(column.type))],
  bar: (columns) => [columns.filter((column) => !isNumeric(column.type)), columns.filter((column) => isNumeric(column.type))],
  scatter: (columns) => [columns.filter((column) => isNumeric(column.type)), columns.filter((column) => isNumeric(column.type))],
  histogram: (columns) => [columns.filter((column) => isNumeric(column.type)), []],
};

/** `columns` `{ id, field, type }`, `rows`; what is chosen stands in `params` as `chart`, `x` and `y`, changed by `onParams`. */
export function Chart({ columns, rows, params, onParams }) {
  const kinds = kindsFor(columns);
  const kind = kinds.includes(params.chart) ? params.chart : kinds[0];
  const [xs, ys] = byKind[kind]?.(columns) ?? [[], []];
  const x = xs.find((column) => column.id === params.x) ?? xs[0];
  const y = ys.find((column) => column.id === params.y && column !== x) ?? ys.find((column) => column !== x) ?? ys[0];
  if (!kinds.length) return html`<p class="faint">A chart needs a column of numbers.</p>`;
  const choice = (label, value, list, name) => html`<${Field} label=${label}><select value=${value?.id} onChange=${(event) => onParams({ [name]: event.currentTarget.value })}>
    ${list.map((column) => html`<option value=${column.id}>${column.id}</option>`)}</select><//>`;
  return html`<div class="chart"><div class="form">
      <${Field} label="Chart"><select value=${kind} onChange=${(event) => onParams({ chart: event.currentTarget.value, x: "", y: "" })}>${kinds.map((name) => html`<option value=${name}>${name}</option>`)}</select><//>
      ${choice(kind === "histogram" ? "Values" : "Across", x, xs, "x")}${ys.length > 0 && choice("Up", y, ys, "y")}</div>
    <${Plot} kind=${kind} x=${x} y=${y} rows=${rows} /></div>`;
}

function Plot({ kind, x, y, rows }) {
  const frame = useRef();
  const place = useRef();
  const theme = useTheme();
  const drawing = useMemo(() => prepare(kind, x, y, rows), [kind, x, y, rows]);
  const [near, setNear] = useState("");
  useLayoutEffect(() => {
    if (!drawing) return undefined;
    const size = () => ({
      width: Math.max(frame.current.clientWidth, drawing.kind === "bar" ? drawing.names.length * BAR : 0),
      height: Math.max(LOWEST, frame.current.clientHeight - 12),
    });
    const onPoint = (index) => setNear(index === null || index === undefined ? "" : pointText(drawing, index));
    const plot = new uPlot({ ...options(drawing, place.current, onPoint), ...size() }, drawing.data, place.current);
    const observer = new ResizeObserver(() => plot.setSize(size()));
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [drawing, theme]);
  if (!drawing) return html`<p class="faint">There are no values to draw.</p>`;
  const zoom = drawing.kind === "bar" ? "" : " Drag to enlarge a part, double-click to see all.";
  return html`<p class="plot-value" aria-live="off">${near ? html`<b>${near}</b>` : html`<span class="faint">${drawing.label}.${drawing.cut ? ` The first ${count(MOST_BARS)} are drawn.` : ""}${zoom}</span>`}</p>
    <figure class="plot" role="img" aria-label=${drawing.label} ref=${frame}><div ref=${place}></div></figure>`;
}

/** The name and value of a point, bar or range. */
function pointText({ kind, names, data, time: isTimes, x, y, width }, index) {
  const across = data[0][index];
  const value = data[1][index];
  if (kind === "bar") return `${names[index]}: ${exact(value)}`;
  if (kind === "histogram") return `${exact(across - width / 2)} to ${exact(across + width / 2)}: ${plural(value, "row")}`;
  return `${x} ${isTimes ? time(new Date(across * 1000).toISOString()) : exact(across)}, ${y} ${exact(value)}`;
}

const exact = (number) => count(Number(number.toPrecision(12)), 12);

/** A chart is drawn with the colours of its moment, so a change of theme draws it again. */
function useTheme() {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const again = () => setTurn((n) => n + 1);
    const observer = new MutationObserver(again);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", again);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", again);
    };
  }, []);
  return turn;
}

const numberOf = (column) => (row) => (isTime(column.type) ? Date.parse(String(row[column.field]).replace(/Z?$/, "Z")) / 1000 : Number(row[column.field] ?? NaN));

function prepare(kind, x, y, rows) {
  if (!x || (!y && kind !== "histogram")) return undefined;
  if (kind === "histogram") return histogram(x, rows);
  if (kind === "bar") return bars(x, y, rows);
  const pairs = rows.map((row) => [numberOf(x)(row), numberOf(y)(row)]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b)).sort((a, b) => a[0] - b[0]);
  if (!pairs.length) return undefined;
  const data = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
  return { kind, data, time: isTime(x.type), x: x.id, y: y.id, label: `${y.id} by ${x.id}, ${pairs.length} points` };
}

function bars(x, y, rows) {
  const all = rows.filter((row) => Number.isFinite(numberOf(y)(row)));
  const some = all.slice(0, MOST_BARS);
  if (!some.length) return undefined;
  const names = some.map((row) => plain(row[x.field], x.type) || "null");
  return { kind: "bar", names, data: [names.map((_, index) => index), some.map(numberOf(y))], x: x.id, y: y.id, cut: all.length > some.length, label: `${y.id} by ${x.id}, ${plural(all.length, "bar")}` };
}

function histogram(x, rows) {
  const values = rows.map(numberOf(x)).filter(Number.isFinite);
  if (!values.length) return undefined;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const width = (high - low) / BINS || 1;
  const counts = new Array(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - low) / width))] += 1;
  return { kind: "histogram", data: [counts.map((_, index) => low + (index + 0.5) * width), counts], width, x: x.id, y: "rows", label: `Distribution of ${x.id}, ${values.length} values` };
}

function options({ kind, names, time: isTimes, x, y }, element, onPoint) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--faint"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "11px ui-sans-serif, system-ui, sans-serif", labelFont: "12px ui-sans-serif, system-ui, sans-serif", labelSize: 22 };
  const across = { ...axis, label: x };
  if (names) {
    const turned = names.length > 6 && names.some((name) => name.length > 2);
    Object.assign(across, { splits: () => names.map((_, index) => index), values: () => names.map((name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name)), rotate: turned ? -90 : 0, size: turned ? 110 : 40, grid: { show: false } });
  }
  const isBars = kind === "bar" || kind === "histogram";
  const series = {
    label: y, stroke: colour("--accent"), width: 1.5, points: { show: kind === "scatter" ? true : undefined, size: 5, fill: colour("--accent") },
    ...(isBars ? { fill: colour("--accent"), paths: uPlot.paths.bars({ size: [kind === "bar" ? 0.7 : 0.95, 80] }) } : {}),
    ...(kind === "scatter" ? { paths: () => null } : {}),
  };
  return {
    legend: { show: false }, hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx)] }, cursor: { drag: { x: kind !== "bar", y: false } }, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { x: { time: Boolean(isTimes), ...(isBars ? { range: (_, low, high) => barRange(low, high, kind, names) } : {}) }, y: isBars ? { range: (_, low, high) => [Math.min(0, low), Math.max(0, high) * 1.05 || 1] } : {} },
    axes: [across, { ...axis, label: y, size: 60 }], series: [{}, series],
  };
}

function barRange(low, high, kind, names) {
  if (kind === "bar") return [-0.6, names.length - 0.4];
  const half = (high - low) / BINS || 1;
  return [low - half, high + half];
}
