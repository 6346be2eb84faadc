// The answer of a query as a table, a chart or a map.
import { html, useMemo } from "../../lib/html.js";
import { setParams } from "../../lib/route.js";
import { count, duration, plural } from "../../lib/format.js";
import { isGeometry } from "../../lib/cell.js";
import { kindsFor } from "../../lib/chart_kinds.js";
import { Lazy } from "../../parts/lazy.js";
import { MapView, geometryOf } from "../../parts/map.js";
import { Failure } from "../../parts/basics.js";
import { ResultTable } from "./table.js";

const NAMES = { table: "Table", chart: "Chart", map: "Map" };

export function Outcome({ state, params, error }) {
  const { result, took, loading, cancelled, cancel } = state;
  const running = loading && html`<p class="running" role="status">Running <button type="button" onClick=${cancel}>Cancel</button></p>`;
  if (!result) return html`<${Failure} error=${error} />${running}${cancelled && html`<p class="loading" role="status">Cancelled.</p>`}`;
  const geometry = result.columns.find((column) => isGeometry(column.type) || column.type === "location");
  const shows = ["table", kindsFor(result.columns).length && "chart", geometry && "map"].filter(Boolean);
  const show = shows.includes(params.show) ? params.show : "table";
  return html`<${Failure} error=${error} /><div class="outcome"><div class="outcome-head">
      <p role="status">${plural(result.rows.length, "row")}${result.note && html`, <b>${result.note}</b>`} <span class="faint">in ${duration(took)}</span>
        ${(error || state.error) && html` <span class="faint">of the last query that could be answered</span>`}${cancelled && html` <span class="faint">The next run was cancelled.</span>`}</p>
      ${running}
      <div class="segments" role="group" aria-label="Show as">${shows.map((name) => html`<button type="button" aria-pressed=${name === show} onClick=${() => setParams({ show: name === "table" ? "" : name })}>${NAMES[name]}</button>`)}</div></div>
    ${show === "table" && html`<${ResultTable} result=${result} />`}
    ${show === "chart" && html`<${Lazy} name="chart" load=${() => import("../../parts/chart.js")} part="Chart" columns=${result.columns} rows=${result.rows} params=${params} onParams=${(changes) => setParams(changes, { replace: true })} />`}
    ${show === "map" && html`<${ResultMap} result=${result} column=${geometry} />`}</div>`;
}

function ResultMap({ result, column }) {
  const label = result.columns.find((item) => item !== column);
  const features = useMemo(() => result.rows.map((row) => ({ geometry: geometryOf(row[column.field]), name: label ? String(row[label.field] ?? "") : "", note: "" })).filter((item) => item.geometry), [result]);
  return html`<p class="faint">${count(features.length)} drawn</p><div class="map-tab"><${MapView} features=${features} label="Map of the result" /></div>`;
}
