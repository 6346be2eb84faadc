// Above the rows: search, filter, what is shown, and what else can be done with it.
import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { Refusal, path, twin } from "../../lib/api.js";
import { address, setParams } from "../../lib/route.js";
import { count } from "../../lib/format.js";
import { nearest } from "../../lib/nearest.js";
import { WHERE_LINE, identifier, indexOf, tokens } from "../../lib/soql.js";
import { Editor, wordsOf } from "../../parts/editor.js";
import { useLanguage } from "../../parts/language.js";
import { Icon, Switch, Twins } from "../../parts/basics.js";

/** Whether a refusal is about the condition that a person wrote. */
export const isFilterError = (error, where) => error instanceof Refusal && error.status === 400 && where.trim() !== "";

export function Toolbar({ dataset, params, counted, waiting, refused, query, onCancel, children }) {
  const language = useLanguage();
  const words = useMemo(() => wordsOf(dataset.columns, language), [dataset, language]);
  const [where, setWhere] = useState(params.where ?? "");
  const [search, setSearch] = useState(params.q ?? "");
  useEffect(() => setWhere(params.where ?? ""), [params.where]);
  useEffect(() => setSearch(params.q ?? ""), [params.q]);
  const wrong = isFilterError(refused, params.where ?? "");
  const use = (text) => {
    setWhere(text);
    setParams({ where: text });
  };
  const error = wrong && where === (params.where ?? "") && shifted(refused, where, dataset, use);
  const file = (format) => twin(path(["datasets", dataset.id, `query.${format}`], { $query: `${query} LIMIT 10000000` }));
  const asked = useMemo(() => twin(path(["datasets", dataset.id, "query.json"], { $query: query })), [query]);
  const busy = counted.loading || waiting;
  return html`<div class="toolbar">
    <form role="search" onSubmit=${(event) => { event.preventDefault(); setParams({ q: search }); }}>
      <label class="search"><${Icon} name="search" /><span class="hidden">Search all text columns</span>
        <input type="search" data-shortcut="/" placeholder="Search text" value=${search} onInput=${(event) => setSearch(event.currentTarget.value)}
          onSearch=${(event) => setParams({ q: event.currentTarget.value })} /></label></form>
    <div class="where"><span class="where-word" aria-hidden="true">where</span>
      <${Editor} id="where" label="Filter, as the condition of a SoQL query" value=${where} onInput=${setWhere} words=${words} error=${error}
        placeholder=${`e.g. ${example(dataset)}`} onSubmit=${() => setParams({ where })} />
      <button type="button" onClick=${() => setParams({ where })}>Filter</button>
      ${params.where && html`<button type="button" class="quiet" aria-label="Clear the filter" onClick=${() => setParams({ where: "" })}><${Icon} name="close" /></button>`}</div>
    <div class="toolbar-facts"><span role="status">${sentence(counted, dataset, refused, wrong)}</span>
      ${busy && html`<span class="running">${counted.loading ? `Reading ${count(dataset.rows)} rows` : "Reading"} <button type="button" onClick=${onCancel}>Cancel</button></span>`}
      ${children}
      <${Switch} label="System fields" checked=${params.system === "1"} onChange=${(on) => setParams({ system: on ? "1" : "" })} />
      <a href=${address(["query"], { dataset: dataset.id, soql: query })}>Open in console</a>
      <${Twins} label="These rows" links=${[["JSON", asked], ["CSV", file("csv"), `${dataset.id}.csv`]]} /></div>
  </div>`;
}

function sentence({ total, cancelled, loading }, dataset, refused, wrong) {
  const rows = total === dataset.rows ? `${count(total)} rows` : `${count(total)} of ${count(dataset.rows)} rows`;
  if (wrong) return total === undefined ? "The filter is not understood" : "The filter is not understood; the rows are those of the last one";
  if (total === undefined) return loading ? "Counting" : "";
  if (cancelled) return "Cancelled; the rows are those of the last filter";
  return refused ? "The rows are those that were read last" : rows;
}

/** The error's place in the condition that a person wrote, and the name that may be meant there. */
function shifted(error, where, dataset, use) {
  const { position } = error;
  const inside = position && position.row >= WHERE_LINE;
  if (!inside) return { message: error.message };
  const place = { ...position, row: position.row - WHERE_LINE + 1 };
  const at = indexOf(where, place);
  const word = tokens(where).find((token) => token.kind === "name" && at >= token.at && at < token.at + token.text.length);
  const meant = word && nearest(word.text.replaceAll("`", ""), dataset.columns.map((column) => column.fieldName));
  const fix = meant && { text: meant, action: () => use(where.slice(0, word.at) + identifier(meant) + where.slice(word.at + word.text.length)) };
  return { message: error.message, position: place, fix };
}

function example(dataset) {
  const number = dataset.columns.find((column) => column.soqlType === "number");
  const text = dataset.columns.find((column) => column.soqlType === "text");
  if (number) return `${identifier(number.fieldName)} > 2`;
  return text ? `${identifier(text.fieldName)} LIKE 'A%'` : ":updated_at > '2024-01-01'";
}
