// The query console: SoQL on one dataset, or SQL on the stored tables.
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { Refusal, path, send, twin, useGet } from "../lib/api.js";
import { address, setParams } from "../lib/route.js";
import { count, duration, plural } from "../lib/format.js";
import { isGeometry, isNumeric } from "../lib/cell.js";
import { identifier } from "../lib/soql.js";
import { origin } from "../lib/copy.js";
import { Editor, wordsOf } from "../parts/editor.js";
import { useLanguage } from "../parts/language.js";
import { Grid, fittingWidth } from "../parts/grid.js";
import { Chart, kindsFor } from "../parts/chart.js";
import { MapView, geometryOf } from "../parts/map.js";
import { Code, Copy, Empty, Failure, Field, Icon, Tabs, Twins } from "../parts/basics.js";

/** `/__mock/query?dataset=&soql=` or `?sql=`. */
export function Query({ params }) {
  const { data: datasets, error } = useGet("/datasets");
  const isSql = params.sql !== undefined || params.language === "sql";
  const id = params.dataset ?? datasets?.[0]?.id;
  const tabs = [["soql", "SoQL", address(["query"], { dataset: id })], ["sql", "SQL", address(["query"], { language: "sql" })]];
  return html`<section class="console"><header class="view-head"><h1>Query</h1></header><${Tabs} label="Language" tabs=${tabs} active=${isSql ? "sql" : "soql"} />
    <${Failure} error=${error} />
    ${datasets && (isSql ? html`<${Sql} params=${params} datasets=${datasets} />` : datasets.length
      ? html`<${Soql} key=${id} id=${id} datasets=${datasets} params=${params} />` : html`<${Empty} title="There is no dataset to ask."><p><a href=${address(["start"])}>Make one</a></p><//>`)}</section>`;
}

/** Runs what the address says; a change of the address runs again. */
function useRun(run, key) {
  const [state, setState] = useState({});
  useEffect(() => {
    if (!key) return setState({});
    const abort = new AbortController();
    const started = performance.now();
    setState((old) => ({ ...old, loading: true, error: undefined }));
    run(abort.signal).then(
      (result) => setState({ result, took: performance.now() - started }),
      (error) => error.name !== "AbortError" && setState({ error }),
    );
    return () => abort.abort();
  }, [key]);
  return state;
}

function Soql({ id, datasets, params }) {
  const { data: dataset } = useGet(`/datasets/${encodeURIComponent(id)}`);
  const language = useLanguage();
  const words = useMemo(() => wordsOf(dataset?.columns ?? [], language), [dataset, language]);
  const [text, setText] = useState(params.soql ?? "");
  const [explained, setExplained] = useState(false);
  useEffect(() => setText(params.soql ?? ""), [params.soql]);
  useEffect(() => {
    if (dataset && params.soql === undefined) setText(example(dataset));
  }, [dataset]);
  const asked = params.soql && path(["datasets", id, "query.json"], { $query: params.soql });
  const state = useRun(async (signal) => soqlResult(await send("GET", asked, { signal })), asked && `${asked} ${params.run ?? ""}`);
  const error = state.error && text === params.soql && { message: state.error.message, position: state.error.position };
  const run = () => setParams({ soql: text, dataset: id, run: params.soql === text ? String(Number(params.run ?? 0) + 1) : undefined });
  const file = (format) => twin(path(["datasets", id, `query.${format}`], { $query: params.soql }));
  const links = params.soql ? [["JSON", file("json")], ["CSV", file("csv"), `${id}.csv`], ["GeoJSON", file("geojson"), `${id}.geojson`]] : [];
  return html`<div class="console-ask"><${Field} label="Dataset"><select value=${id} onChange=${(event) => setParams({ dataset: event.currentTarget.value, soql: "", run: "" })}>
      ${datasets.map((item) => html`<option value=${item.id}>${item.name} (${item.id})</option>`)}</select><//>
    <${Editor} id="soql" label="SoQL query" lines=${5} value=${text} onInput=${setText} onSubmit=${run} words=${words} error=${error} placeholder="SELECT *" />
    <div class="actions"><button type="button" class="main" onClick=${run}><${Icon} name="play" />Run</button><span class="faint"><kbd>Ctrl Enter</kbd></span>
      <button type="button" aria-expanded=${explained} onClick=${() => setExplained(!explained)}>Explain</button>
      <${Copy} label="Copy as address" text=${() => `${origin()}/resource/${id}.json?$query=${encodeURIComponent(text)}`} />
      ${links.length > 0 && html`<${Twins} links=${links} />`}</div>
    ${explained && html`<${Explain} id=${id} query=${text} />`}</div>
  <${Outcome} state=${state} params=${params} error=${state.error && !error ? state.error : undefined} />`;
}

function example(dataset) {
  const text = dataset.columns.find((column) => column.soqlType === "text" && column.fieldName !== dataset.row_identifier);
  const number = dataset.columns.find((column) => column.soqlType === "number");
  if (text && number) return `SELECT ${identifier(text.fieldName)}, count(*) AS rows, avg(${identifier(number.fieldName)}) AS mean\nGROUP BY ${identifier(text.fieldName)}\nORDER BY rows DESC\nLIMIT 100`;
  return "SELECT *\nLIMIT 100";
}

async function soqlResult(response) {
  const header = (name) => JSON.parse(response.headers.get(name) ?? "null");
  const [names, types] = [header("x-soda2-fields"), header("x-soda2-types")];
  const rows = await response.json();
  const found = names ?? [...new Set(rows.flatMap(Object.keys))];
  return { rows, columns: found.map((id, index) => ({ id, type: types?.[index] ?? "text" })) };
}

function Explain({ id, query }) {
  const where = path(["datasets", id, "explain"], { $query: query });
  const { data, error } = useGet(where);
  if (error) return html`<${Failure} error=${error} />`;
  if (!data) return html`<p class="loading" role="status">Explaining</p>`;
  return html`<div class="explain"><h3>Understood as</h3><${Code} label="SoQL" text=${data.soql} />
    <h3>Answers</h3><p class="mono">${data.columns.map(({ name, type }, index) => html`${index > 0 && ", "}<b>${name}</b> <span class="faint">${type}</span>`)}</p>
    <h3>Runs as</h3><${Code} label="SQL" text=${data.sql} />
    ${data.parameters.length > 0 && html`<p class="faint">Parameters: <span class="mono">${data.parameters.map((value) => JSON.stringify(value)).join(", ")}</span></p>`}
    <h3>Plan</h3><${Code} label="Plan" text=${data.plan.map((step) => (typeof step === "string" ? step : JSON.stringify(step))).join("\n")} /><${Twins} links=${[["JSON", twin(where)]]} /></div>`;
}

function Sql({ params, datasets }) {
  const first = datasets[0];
  const [text, setText] = useState(params.sql ?? (first ? `SELECT *\nFROM "${first.id}"\nLIMIT 100` : "SELECT sqlite_version()"));
  useEffect(() => params.sql !== undefined && setText(params.sql), [params.sql]);
  const words = useMemo(() => [
    ...datasets.map((item) => ({ text: `"${item.id}"`, kind: "table", note: item.name })),
    ...["SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "JOIN", "COUNT", "WITH", "UNION"].map((word) => ({ text: word, kind: "keyword", note: "" })),
  ], [datasets]);
  const state = useRun(async (signal) => sqlResult(await (await send("POST", "/sql", { body: { sql: params.sql, limit: 10_000 }, signal })).json()), params.sql && `${params.sql} ${params.run ?? ""}`);
  const run = () => setParams({ sql: text, run: params.sql === text ? String(Number(params.run ?? 0) + 1) : undefined });
  const error = state.error && text === params.sql && { message: state.error.message, position: sqlPlace(state.error, text) };
  return html`<div class="console-ask"><p class="faint">Read only. Each dataset is a view named by its id, and one by its name.</p>
    <${Editor} id="sql" label="SQL query" lines=${5} value=${text} onInput=${setText} onSubmit=${run} words=${words} error=${error} />
    <div class="actions"><button type="button" class="main" onClick=${run}><${Icon} name="play" />Run</button><span class="faint"><kbd>Ctrl Enter</kbd></span>
      ${state.result && html`<${Downloads} result=${state.result} />`}</div></div>
  <${Outcome} state=${state} params=${params} error=${state.error && !error ? state.error : undefined} />`;
}

/** SQLite tells the word, not the place: its first occurrence is underlined. */
function sqlPlace(error, text) {
  const word = error instanceof Refusal && error.message.match(/near "([^"]+)"|no such (?:column|table|function): ([\w.]+)/);
  const index = word ? text.indexOf(word[1] ?? word[2]) : -1;
  if (index < 0) return undefined;
  const before = text.slice(0, index).split("\n");
  return { row: before.length, column: before.at(-1).length + 1 };
}

function sqlResult({ columns, rows, truncated }) {
  const names = columns.map((column) => column.name ?? column);
  const unique = names.map((name, index) => (names.indexOf(name) === index ? name : `${name} ${index + 1}`));
  const typed = unique.map((id, index) => {
    const first = rows.find((row) => row[index] !== null)?.[index];
    return { id, type: typeof first === "number" ? "number" : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(first) ? "floating_timestamp" : "text" };
  });
  const objects = rows.map((row) => Object.fromEntries(unique.map((name, index) => [name, row[index]])));
  return { columns: typed, truncated, rows: objects };
}

/** A result of SQL has no address to load it from, so it is written here. */
function Downloads({ result }) {
  const save = (type, extension, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = `result.${extension}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const quote = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const csv = () => [result.columns.map((column) => quote(column.id)), ...result.rows.map((row) => result.columns.map((column) => quote(row[column.id])))].map((line) => line.join(",")).join("\n");
  return html`<span class="twins"><button type="button" onClick=${() => save("application/json", "json", JSON.stringify(result.rows, null, 2))}>Save as JSON</button>
    <button type="button" onClick=${() => save("text/csv", "csv", `${csv()}\n`)}>Save as CSV</button></span>`;
}

function Outcome({ state, params, error }) {
  const { result, took, loading } = state;
  if (error) return html`<${Failure} error=${error} />`;
  if (!result) return loading ? html`<p class="loading" role="status">Running</p>` : null;
  const geometry = result.columns.find((column) => isGeometry(column.type) || column.type === "location");
  const shows = ["table", kindsFor(result.columns).length && "chart", geometry && "map"].filter(Boolean);
  const show = shows.includes(params.show) ? params.show : "table";
  const names = { table: "Table", chart: "Chart", map: "Map" };
  return html`<div class="outcome"><div class="outcome-head">
      <p role="status">${plural(result.rows.length, "row")}${result.truncated ? ", cut here" : ""} <span class="faint">in ${duration(took)}</span></p>
      <div class="segments" role="group" aria-label="Show as">${shows.map((name) => html`<button type="button" aria-pressed=${name === show} onClick=${() => setParams({ show: name === "table" ? "" : name })}>${names[name]}</button>`)}</div></div>
    ${show === "table" && html`<${ResultTable} result=${result} />`}
    ${show === "chart" && html`<${Chart} columns=${result.columns} rows=${result.rows} />`}
    ${show === "map" && html`<${ResultMap} result=${result} column=${geometry} />`}</div>`;
}

function ResultTable({ result }) {
  const columns = useMemo(() => result.columns.map((column) => {
    const head = { id: column.id, label: column.id, note: column.type, type: column.type };
    return { ...head, width: fittingWidth(head, result.rows.slice(0, 50).map((row) => row[column.id])) };
  }), [result]);
  const [sort, setSort] = useState(undefined);
  const rows = useMemo(() => sorted(result, sort), [result, sort]);
  const onSort = (id) => setSort((old) => (old?.[0] !== id ? [id, "asc"] : old[1] === "asc" ? [id, "desc"] : undefined));
  if (!rows.length) return html`<${Empty} title="The answer has no rows." />`;
  return html`<${Grid} label="Result" columns=${columns} total=${rows.length} rowAt=${(index) => rows[index]} sort=${sort} onSort=${onSort} />`;
}

function sorted({ rows, columns }, sort) {
  if (!sort) return rows;
  const [id, direction] = sort;
  const number = isNumeric(columns.find((column) => column.id === id)?.type);
  const value = (row) => (number ? Number(row[id] ?? NaN) : String(row[id] ?? ""));
  const sign = direction === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    return left < right ? -sign : left > right ? sign : 0;
  });
}

function ResultMap({ result, column }) {
  const label = result.columns.find((item) => item !== column);
  const features = useMemo(() => result.rows.map((row) => ({ geometry: geometryOf(row[column.id]), name: label ? String(row[label.id] ?? "") : "", note: "" })).filter((item) => item.geometry), [result]);
  return html`<p class="faint">${count(features.length)} drawn</p><div class="map-tab"><${MapView} features=${features} label="Map of the result" /></div>`;
}
