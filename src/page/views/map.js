// The tab "Map": a dataset's geometry drawn from the data itself, of the rows that the filter leaves.
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { get, path, twin } from "../lib/api.js";
import { address, go, setParams } from "../lib/route.js";
import { ask } from "../lib/stats.js";
import { count } from "../lib/format.js";
import { both, compose, identifier } from "../lib/soql.js";
import { isGeometry, plain } from "../lib/cell.js";
import { Failure, Field, Twins } from "../parts/basics.js";
import { MapView, geometryOf } from "../parts/map.js";
import { Chips } from "./rows/chips.js";

/** So many rows are drawn; of more, this many runs of neighbouring rows, spread evenly over all. */
const MOST = 20_000;
const RUNS = 40;

/** `{ rows, total }`: all rows of a filter, or an even sample of them. */
async function sample(dataset, column, filter, names, signal) {
  const where = both(filter.where, `${identifier(column.fieldName)} IS NOT NULL`);
  const [{ n__: total }] = await ask(dataset.id, compose({ where, search: filter.search, select: "count(*) AS n__" }), signal);
  if (Number(total) <= MOST) return { total: Number(total), rows: await ask(dataset.id, compose({ where, search: filter.search, select: names.join(", "), order: ":id", limit: MOST }), signal) };
  const limit = MOST / RUNS;
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const offset = Math.floor((run * (Number(total) - limit)) / (RUNS - 1));
    runs.push(...await get(path(["datasets", dataset.id, "window"], { $where: `${where}\n`, $order: ":id", $q: filter.search, offset, limit }), { signal }));
  }
  return { total: Number(total), rows: runs };
}

/** `/__mock/datasets/{4x4}/map?column=&where=&q=`. */
export function DatasetMap({ dataset, params }) {
  const columns = dataset.columns.filter((column) => isGeometry(column.soqlType) || column.soqlType === "location");
  const column = columns.find((item) => item.fieldName === params.map) ?? columns[0];
  const key = dataset.row_identifier ?? ":id";
  const texts = dataset.columns.filter((item) => item.soqlType === "text" && item.fieldName !== key);
  const label = texts.find((item) => /name|title|region|address|place/i.test(item.fieldName)) ?? texts[0];
  const names = [key, label?.fieldName, column?.fieldName].filter(Boolean).map(identifier);
  const { where = "", q: search = "" } = params;
  const [state, setState] = useState({});
  useEffect(() => {
    if (!column) return undefined;
    const abort = new AbortController();
    setState((old) => ({ ...old, error: undefined, loading: true }));
    sample(dataset, column, { where, search }, names, abort.signal).then(setState, (error) => error.name !== "AbortError" && setState((old) => ({ ...old, loading: false, error })));
    return () => abort.abort();
  }, [dataset.id, column?.fieldName, where, search, dataset.data_version]);
  const features = useMemo(() => (state.rows ?? []).map((row) => ({
    geometry: geometryOf(row[column.fieldName]), name: [row[key], label && row[label.fieldName]].filter(Boolean).join(" · "), key: row[key],
    note: plain(row[column.fieldName], column.soqlType),
  })).filter((feature) => feature.geometry), [state.rows]);
  if (!column) return html`<p class="faint">No column holds geometry.</p>`;
  const query = `SELECT ${names.join(", ")} WHERE ${both(where, `${identifier(column.fieldName)} IS NOT NULL`)}${search ? ` SEARCH '${search.replaceAll("'", "''")}'` : ""} LIMIT ${MOST}`;
  return html`<div class="map-tab"><div class="actions">
      ${columns.length > 1 && html`<${Field} label="Column"><select value=${column.fieldName} onChange=${(event) => setParams({ map: event.currentTarget.value })}>
        ${columns.map((item) => html`<option value=${item.fieldName}>${item.name}</option>`)}</select><//>`}
      <span role="status">${sentence(state, features, dataset, where || search)}</span>
      <${Twins} links=${[["GeoJSON", twin(path(["datasets", dataset.id, "query.geojson"], { $query: query })), `${dataset.id}.geojson`]]} /></div>
    <${Chips} dataset=${dataset} where=${where} onWhere=${(text) => setParams({ where: text })} onColumn=${(name) => go(address(["datasets", dataset.id], { where, q: search, column: name }))} />
    <${Failure} error=${state.error} />
    ${state.rows && html`<${MapView} features=${features} label=${`Map of ${column.name}`} onOpen=${(feature) => go(address(["datasets", dataset.id, "row", String(feature.key)]))} />`}</div>`;
}

function sentence({ rows, total, loading }, features, dataset, filtered) {
  if (!rows) return loading ? "Loading" : "";
  if (total > rows.length) return `${count(features.length)} of ${count(total)} rows drawn: an even sample, in ${RUNS} runs over the whole`;
  return `${count(features.length)} of ${count(dataset.rows)} rows drawn${filtered ? ", those of the filter" : features.length < dataset.rows ? "; the others have no place" : ""}`;
}
