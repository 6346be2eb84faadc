// The tab "Map": a dataset's geometry drawn from the data itself.
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { path, twin } from "../lib/api.js";
import { address, go, setParams } from "../lib/route.js";
import { ask } from "../lib/stats.js";
import { count } from "../lib/format.js";
import { identifier } from "../lib/soql.js";
import { isGeometry, plain } from "../lib/cell.js";
import { Failure, Field, Twins } from "../parts/basics.js";
import { MapView, geometryOf } from "../parts/map.js";

const MOST = 20_000;

/** `/__mock/datasets/{4x4}/map?column=`. */
export function DatasetMap({ dataset, params }) {
  const columns = dataset.columns.filter((column) => isGeometry(column.soqlType) || column.soqlType === "location");
  const column = columns.find((item) => item.fieldName === params.column) ?? columns[0];
  const key = dataset.row_identifier ?? ":id";
  const texts = dataset.columns.filter((item) => item.soqlType === "text" && item.fieldName !== key);
  const label = texts.find((item) => /name|title|region|address|place/i.test(item.fieldName)) ?? texts[0];
  const names = [key, label?.fieldName, column?.fieldName].filter(Boolean).map(identifier);
  const query = `SELECT ${names.join(", ")} WHERE ${column && identifier(column.fieldName)} IS NOT NULL LIMIT ${MOST}`;
  const [state, setState] = useState({});
  useEffect(() => {
    if (!column) return undefined;
    const abort = new AbortController();
    ask(dataset.id, query, abort.signal).then((rows) => setState({ rows }), (error) => error.name !== "AbortError" && setState({ error }));
    return () => abort.abort();
  }, [dataset.id, query, dataset.data_version]);
  const features = useMemo(() => (state.rows ?? []).map((row) => ({
    geometry: geometryOf(row[column.fieldName]), name: [row[key], label && row[label.fieldName]].filter(Boolean).join(" · "), key: row[key],
    note: plain(row[column.fieldName], column.soqlType),
  })).filter((feature) => feature.geometry), [state.rows]);
  if (!column) return html`<p class="faint">No column holds geometry.</p>`;
  return html`<div class="map-tab"><div class="actions">
      ${columns.length > 1 && html`<${Field} label="Column"><select value=${column.fieldName} onChange=${(event) => setParams({ column: event.currentTarget.value })}>
        ${columns.map((item) => html`<option value=${item.fieldName}>${item.name}</option>`)}</select><//>`}
      <span role="status">${state.rows ? `${count(features.length)} of ${count(dataset.rows)} rows drawn` : "Loading"}</span>
      <${Twins} links=${[["GeoJSON", twin(path(["datasets", dataset.id, "query.geojson"], { $query: query })), `${dataset.id}.geojson`]]} /></div>
    <${Failure} error=${state.error} />
    ${state.rows && html`<${MapView} features=${features} label=${`Map of ${column.name}`} onOpen=${(feature) => go(address(["datasets", dataset.id, "row", String(feature.key)]))} />`}</div>`;
}
