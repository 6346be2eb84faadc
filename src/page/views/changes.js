// What writes changed: per dataset and per row, with the values before and after.
import { html } from "../lib/html.js";
import { path, twin, useGet } from "../lib/api.js";
import { address } from "../lib/route.js";
import { cell } from "../lib/cell.js";
import { Ago, Empty, Failure, Mark, Twins } from "../parts/basics.js";

const KINDS = { created: ["created", "good"], insert: ["created", "good"], updated: ["updated", "info"], update: ["updated", "info"], deleted: ["deleted", "bad"], delete: ["deleted", "bad"] };

/** The list inside an answer, whatever it is wrapped in. */
const listOf = (data) => (Array.isArray(data) ? data : data?.changes ?? []);

/** The tab "Changes". */
export function Changes({ dataset }) {
  const where = path(["datasets", dataset.id, "changes"], { limit: 500 });
  const { data, error, reload } = useGet(where);
  return html`<div class="page-width"><div class="actions"><${Twins} links=${[["JSON", twin(where)]]} /></div>
    <${Failure} error=${error} again=${reload} />
    ${data && html`<${ChangeList} dataset=${dataset} changes=${listOf(data)} note=${data.dropped || data.truncated} />`}</div>`;
}

/** Below a row's values. */
export function RowHistory({ dataset, row, rowKey }) {
  const key = dataset.row_identifier ? rowKey : row?.[":id"] ?? rowKey;
  const where = path(["datasets", dataset.id, "changes"], { key });
  const { data, error } = useGet(where);
  return html`<section><header class="view-head"><h2>History</h2><${Twins} links=${[["JSON", twin(where)]]} /></header>
    <${Failure} error=${error} />${data && html`<${ChangeList} dataset=${dataset} changes=${listOf(data)} single />`}</section>`;
}

/** Changes, the newest first. */
export function ChangeList({ dataset, changes, single = false }) {
  if (!changes.length) return html`<${Empty} title="No change is recorded."><p>Rows that a seed brought have no history before the first write.</p><//>`;
  const types = Object.fromEntries(dataset.columns.map((column) => [column.fieldName, column.soqlType]));
  return html`<ol class="changes">${changes.map((change, index) => html`<${Change} key=${index} dataset=${dataset} change=${change} types=${types} single=${single} />`)}</ol>`;
}

function Change({ dataset, change, types, single }) {
  const [word, colour] = KINDS[change.kind] ?? [change.kind, ""];
  const at = change.at ?? change.time;
  const request = change.request ?? change.request_id;
  return html`<li><p class="facts"><${Mark} kind=${colour}>${word}<//>
      ${!single && html`<a class="mono" href=${address(["datasets", dataset.id, "row", String(change.key)])}><bdi>${String(change.key)}</bdi></a>`}
      ${change.data_version !== undefined && html`<span>version ${change.data_version}</span>`}
      ${at && html`<${Ago} iso=${at} />`}
      ${request && html`<a href=${address(["requests", String(request)])}>request ${String(request)}</a>`}</p>
    <${CellChanges} before=${change.before} after=${change.after} types=${types} /></li>`;
}

/** The cells that differ, before and after. */
export function CellChanges({ before, after, types = {} }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((name) => !name.startsWith(":"));
  const differing = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  if (!differing.length) return html`<p class="faint">No value differs.</p>`;
  return html`<table class="cell-changes"><thead class="hidden"><tr><th>Column</th><th>Before</th><th>After</th></tr></thead><tbody>
    ${differing.map((name) => html`<tr><th scope="row" class="mono">${name}</th>
      ${before && html`<td class="before">${cell(before[name], types[name])}</td>`}
      ${after && html`<td class="after">${cell(after[name], types[name])}</td>`}</tr>`)}</tbody></table>`;
}
