// SQL on the stored tables, read only.
import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { Refusal, send } from "../../lib/api.js";
import { setParams } from "../../lib/route.js";
import { save, table } from "../../lib/files.js";
import { Editor } from "../../parts/editor.js";
import { Icon } from "../../parts/basics.js";
import { Outcome } from "./outcome.js";
import { useRun } from "./run.js";
import { Saved, remember } from "./saved.js";

/** The most rows that the server answers to one statement. */
const LIMIT = 100_000;
const WORDS = ["SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "JOIN", "COUNT", "WITH", "UNION"];

export function Sql({ params, datasets }) {
  const first = datasets[0];
  const [text, setText] = useState(params.sql ?? (first ? `SELECT *\nFROM "${first.id}"\nLIMIT 100` : "SELECT sqlite_version()"));
  const [saved, setSaved] = useState(false);
  useEffect(() => params.sql !== undefined && setText(params.sql), [params.sql]);
  const words = useMemo(() => [
    ...datasets.map((item) => ({ text: `"${item.id}"`, kind: "table", note: item.name })),
    ...WORDS.map((word) => ({ text: word, kind: "keyword", note: "" })),
  ], [datasets]);
  const ask = async (signal) => sqlResult(await (await send("POST", "/sql", { body: { sql: params.sql, limit: LIMIT }, signal })).json());
  const state = useRun(ask, params.sql && `${params.sql} ${params.run ?? ""}`);
  const run = () => {
    remember({ sql: text });
    setParams({ sql: text, run: params.sql === text ? String(Number(params.run ?? 0) + 1) : undefined });
  };
  const error = state.error instanceof Refusal && text === params.sql && { message: state.error.message, position: sqlPlace(state.error, text) };
  return html`<div class="console-ask"><p class="faint">Read only. Each dataset is a view named by its id, and one by its name.</p>
    <${Editor} id="sql" label="SQL query" lines=${5} value=${text} onInput=${setText} onSubmit=${run} words=${words} error=${error} />
    <div class="actions"><button type="button" class="main" onClick=${run}><${Icon} name="play" />Run</button><span class="faint"><kbd>Ctrl Enter</kbd></span>
      <button type="button" aria-expanded=${saved} onClick=${() => setSaved(!saved)}>Saved and last queries</button>
      ${state.result && html`<${Downloads} result=${state.result} />`}</div>${saved && html`<${Saved} query=${{ sql: text }} />`}</div>
  <${Outcome} state=${state} params=${params} error=${state.error && !error ? state.error : undefined} />`;
}

/** SQLite tells the word, not the place: its first occurrence is underlined. */
function sqlPlace(error, text) {
  const word = error.message.match(/near "([^"]+)"|no such (?:column|table|function): ([\w.]+)/);
  const index = word ? text.indexOf(word[1] ?? word[2]) : -1;
  if (index < 0) return undefined;
  const before = text.slice(0, index).split("\n");
  return { row: before.length, column: before.at(-1).length + 1 };
}

/** The rows stay the lists that came: a copy of a hundred thousand of them would take long. */
function sqlResult({ columns, rows, truncated }) {
  const names = columns.map((column) => column.name ?? column);
  const typed = names.map((name, index) => {
    const first = rows.find((row) => row[index] !== null)?.[index];
    const type = typeof first === "number" ? "number" : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(first) ? "floating_timestamp" : "text";
    return { id: names.indexOf(name) === index ? name : `${name} ${index + 1}`, field: index, type };
  });
  return { columns: typed, rows, note: truncated ? "cut here; the statement finds more" : undefined };
}

/** A result of SQL has no address to load it from, so it is written here. */
function Downloads({ result: { columns, rows } }) {
  const names = columns.map((column) => column.id);
  const objects = () => rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  return html`<span class="twins"><button type="button" onClick=${() => save("result.json", "application/json", JSON.stringify(objects(), null, 2))}>Save as JSON</button>
    <button type="button" onClick=${() => save("result.csv", "text/csv", table(names, rows))}>Save as CSV</button></span>`;
}
