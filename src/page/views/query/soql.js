// SoQL on one dataset.
import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { path, send, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { setParams } from "../../lib/route.js";
import { identifier } from "../../lib/soql.js";
import { origin } from "../../lib/copy.js";
import { Editor, wordsOf } from "../../parts/editor.js";
import { useLanguage } from "../../parts/language.js";
import { Copy, Field, Icon, Twins } from "../../parts/basics.js";
import { Explain } from "./explain.js";
import { GroupBy } from "./group.js";
import { Outcome } from "./outcome.js";
import { useRun } from "./run.js";
import { Saved, remember } from "./saved.js";

/** Rows of an answer to a query without LIMIT. */
const DEFAULT_LIMIT = 1000;

export function Soql({ id, datasets, params }) {
  const { data: dataset } = useGet(`/datasets/${encodeURIComponent(id)}`);
  const language = useLanguage();
  const words = useMemo(() => wordsOf(dataset?.columns ?? [], language), [dataset, language]);
  const [text, setText] = useState(params.soql ?? "");
  const [open, setOpen] = useState("");
  useEffect(() => params.soql !== undefined && setText(params.soql), [params.soql]);
  useEffect(() => {
    if (dataset && params.soql === undefined) setText((old) => old || example(dataset));
  }, [dataset]);
  const asked = params.soql && path(["datasets", id, "query.json"], { $query: params.soql });
  const state = useRun(async (signal) => soqlResult(await send("GET", asked, { signal }), params.soql), asked && `${asked} ${params.run ?? ""}`);
  const error = state.error && text === params.soql && state.error.status === 400 && { message: state.error.message, position: state.error.position };
  const start = (query) => {
    remember({ dataset: id, soql: query });
    setParams({ soql: query, dataset: id, run: params.soql === query ? String(Number(params.run ?? 0) + 1) : undefined });
  };
  const run = () => start(text);
  const file = (format) => twin(path(["datasets", id, `query.${format}`], { $query: params.soql }));
  const links = params.soql ? [["JSON", file("json")], ["CSV", file("csv"), `${id}.csv`], ["GeoJSON", file("geojson"), `${id}.geojson`]] : [];
  const toggle = (name, label) => html`<button type="button" aria-expanded=${open === name} onClick=${() => setOpen(open === name ? "" : name)}>${label}</button>`;
  return html`<div class="console-ask"><${Field} label="Dataset"><select value=${id} onChange=${(event) => setParams({ dataset: event.currentTarget.value, soql: "", run: "" })}>
      ${datasets.map((item) => html`<option value=${item.id}>${item.name} (${item.id})</option>`)}</select><//>
    <${Editor} id="soql" label="SoQL query" lines=${5} value=${text} onInput=${setText} onSubmit=${run} words=${words} error=${error} placeholder="SELECT *" />
    <div class="actions"><button type="button" class="main" onClick=${run}><${Icon} name="play" />Run</button><span class="faint"><kbd>Ctrl Enter</kbd></span>
      ${toggle("group", "Group by")}${toggle("explain", "Explain")}${toggle("saved", "Saved and last queries")}
      <${Copy} label="Copy as address" text=${() => `${origin()}/resource/${id}.json?$query=${encodeURIComponent(text)}`} />
      ${links.length > 0 && html`<${Twins} links=${links} />`}</div>
    ${open === "explain" && html`<${Explain} id=${id} query=${text} />`}
    ${open === "saved" && html`<${Saved} query=${{ dataset: id, soql: text }} />`}
    ${open === "group" && dataset && html`<${GroupBy} dataset=${dataset} onQuery=${(query) => { setText(query); start(query); }} />`}</div>
  <${Outcome} state=${state} params=${params} error=${state.error && !error ? state.error : undefined} />`;
}

function example(dataset) {
  const text = dataset.columns.find((column) => column.soqlType === "text" && column.fieldName !== dataset.row_identifier);
  const number = dataset.columns.find((column) => column.soqlType === "number");
  if (text && number) return `SELECT ${identifier(text.fieldName)}, count(*) AS rows, avg(${identifier(number.fieldName)}) AS mean\nGROUP BY ${identifier(text.fieldName)}\nORDER BY rows DESC\nLIMIT 100`;
  return "SELECT *\nLIMIT 100";
}

async function soqlResult(response, query) {
  const header = (name) => JSON.parse(response.headers.get(name) ?? "null");
  const [names, types] = [header("x-soda2-fields"), header("x-soda2-types")];
  const rows = await response.json();
  const found = names ?? [...new Set(rows.flatMap(Object.keys))];
  const columns = found.map((id, index) => ({ id, field: id, type: types?.[index] ?? "text" }));
  const note = rows.length === DEFAULT_LIMIT && !/\blimit\b/i.test(query) ? "the default limit; with LIMIT the query answers more" : undefined;
  return { rows, columns, note };
}
