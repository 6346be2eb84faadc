// What writes changed: per dataset and per row, with the values before and after.
import { html, useState } from "../lib/html.js";
import { path, twin } from "../lib/api.js";
import { useGet } from "../lib/reading.js";
import { address } from "../lib/route.js";
import { cell } from "../lib/cell.js";
import { count, plural } from "../lib/format.js";
import { useWrites } from "../lib/writes.js";
import { Ago, Empty, Failure, Mark, Twins } from "../parts/basics.js";
import { Timeline } from "../parts/timeline.js";

/** So many writes stand on one page of the tab, so many rows of each until all are asked for. */
const WRITES = 50;
const ROWS = 10;

const COLOURS = { created: "good", updated: "info", deleted: "bad" };

/** The tab "Changes": writes, the newest first, each with the rows that it changed. */
export function Changes({ dataset, params, reload: reloadDataset }) {
  const before = Number(params.before ?? dataset.data_version + 1);
  const where = path(["datasets", dataset.id, "changes"], { since: Math.max(0, before - 1 - WRITES), limit: 10_000 });
  const { data, error, reload } = useGet(where);
  useWrites(dataset.id, () => {
    reloadDataset();
    reload();
  });
  const writes = (data?.writes ?? []).filter((write) => write.version < before).reverse();
  const older = before - 1 - WRITES;
  return html`<div class="page-width"><div class="actions"><${Twins} links=${[["JSON", twin(where)]]} /></div>
    <${Failure} error=${error} again=${reload} />
    ${data && !writes.length && html`<${Empty} title="No change is recorded."><p>Rows that a seed brought have no history before the first write.</p><//>`}
    <${Timeline} writes=${[...writes].reverse()} link=${(version) => address(["datasets", dataset.id, "as-of", String(version)])} />
    <ol class="changes">${writes.map((write) => html`<${WriteLine} key=${write.version} dataset=${dataset} write=${write} changes=${data.changes.filter((change) => change.version === write.version)} />`)}</ol>
    ${data?.dropped > 0 && html`<p class="faint">${plural(data.dropped, "older change")} were dropped from the history.</p>`}
    ${older > 0 && html`<p><a href=${address(["datasets", dataset.id, "changes"], { before: older + 1 })}>Older writes</a></p>`}</div>`;
}

function WriteLine({ dataset, write, changes }) {
  const [all, setAll] = useState(false);
  const shown = all ? changes : changes.slice(0, ROWS);
  const parts = ["created", "updated", "deleted"].filter((name) => write[name] > 0);
  return html`<li><p class="facts"><b>version ${count(write.version)}</b><span class="mono">${write.operation}</span>
      ${write.emptied > 0 && html`<${Mark} kind="bad">emptied of ${plural(write.emptied, "row")}<//>`}
      ${parts.map((name) => html`<${Mark} kind=${COLOURS[name]}>${count(write[name])} ${name}<//>`)}${!parts.length && !write.emptied && html`<span>no row</span>`}
      <${Ago} iso=${write.at} />${write.request && html`<a href=${address(["requests", String(write.request)])}>request ${write.request}</a>`}
      <a href=${address(["datasets", dataset.id, "as-of", String(write.version)])}>data then</a></p>
    <ol class="changes inner">${shown.map((change, index) => html`<${Change} key=${index} dataset=${dataset} change=${change} />`)}</ol>
    ${changes.length > shown.length && html`<button type="button" class="quiet" onClick=${() => setAll(true)}>${plural(changes.length - shown.length, "more row")}</button>`}
    ${write.left_out > 0 && html`<p class="faint">${plural(write.left_out, "further row")} were counted, not recorded.</p>`}</li>`;
}

/** Below a row's values: what was done to it, the newest first. */
export function RowHistory({ dataset, row, rowKey }) {
  const key = dataset.row_identifier ? rowKey : row?.[":id"] ?? rowKey;
  const where = path(["datasets", dataset.id, "changes"], { key });
  const { data, error } = useGet(where);
  const bulk = (data?.writes ?? []).filter((write) => write.left_out > 0).length;
  return html`<section><header class="view-head"><h2>History</h2><${Twins} links=${[["JSON", twin(where)]]} /></header>
    <${Failure} error=${error} />${data && html`<${ChangeList} dataset=${dataset} changes=${[...data.changes].reverse()} single />`}
    ${bulk > 0 && html`<p class="faint">${plural(bulk, "large write")} of this dataset recorded only their first rows; this one may be among the others.</p>`}</section>`;
}

/** Changes as they come. */
export function ChangeList({ dataset, changes, single = false }) {
  if (!changes.length) return html`<${Empty} title="No change is recorded."><p>Rows that a seed brought have no history before the first write.</p><//>`;
  return html`<ol class="changes">${changes.map((change, index) => html`<${Change} key=${index} dataset=${dataset} change=${change} single=${single} detailed />`)}</ol>`;
}

function Change({ dataset, change, single = false, detailed = false }) {
  const types = Object.fromEntries(dataset.columns.map((column) => [column.fieldName, column.soqlType]));
  return html`<li><p class="facts"><${Mark} kind=${COLOURS[change.kind]}>${change.kind}<//>
      ${!single && html`<a class="mono" href=${address(["datasets", dataset.id, "row", String(change.key)])}><bdi>${String(change.key)}</bdi></a>`}
      ${detailed && html`<span>version ${count(change.version)}</span><${Ago} iso=${change.at} />${change.request && html`<a href=${address(["requests", String(change.request)])}>request ${change.request}</a>`}`}</p>
    <${CellChanges} fields=${change.fields} before=${change.before} after=${change.after} types=${types} /></li>`;
}

/** The cells that differ, before and after. */
function CellChanges({ fields, before, after, types }) {
  if (!fields.length) return html`<p class="faint">No value differs.</p>`;
  return html`<table class="cell-changes"><thead class="hidden"><tr><th>Column</th>${before && html`<th>Before</th>`}${after && html`<th>After</th>`}</tr></thead><tbody>
    ${fields.map((name) => html`<tr><th scope="row" class="mono">${name}</th>
      ${before && html`<td class="before">${cell(before[name], types[name])}</td>`}
      ${after && html`<td class="after">${cell(after[name], types[name])}</td>`}</tr>`)}</tbody></table>`;
}
