// Two states of the data, row by row.
import { html, useState } from "../../lib/html.js";
import { get, path, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { address } from "../../lib/route.js";
import { count, plural } from "../../lib/format.js";
import { cell } from "../../lib/cell.js";
import { Empty, Failure, Icon, Mark, Twins } from "../../parts/basics.js";

const COLOURS = { added: "good", changed: "info", removed: "bad", rewritten: "quiet" };
const nameOf = (name) => (name === "current" ? "now" : name);

/** `/__mock/controls/snapshots/diff/{a}/{b}`. */
export function SnapshotDiff({ left, right }) {
  const where = path(["snapshots", left, "diff", right]);
  const { data, error } = useGet(where);
  const differing = (data?.datasets ?? []).filter((dataset) => dataset.kind !== "same" || dataset.rows.rewritten > 0);
  return html`<nav class="crumbs" aria-label="Place"><a href=${address(["controls", "snapshots"])}>Snapshots</a><${Icon} name="right" /><span>${nameOf(left)} and ${nameOf(right)}</span></nav>
    <header class="view-head"><h2>From ${nameOf(left)} to ${nameOf(right)}</h2><div class="actions"><a href=${address(["controls", "snapshots", "diff", right, left])}>The other way round</a><${Twins} links=${[["JSON", twin(where)]]} /></div></header>
    <${Failure} error=${error} />${!data && !error && html`<p class="loading" role="status">Comparing</p>`}
    ${data && !differing.length && html`<${Empty} title="Nothing differs." />`}
    ${differing.map((dataset) => html`<${DatasetDiff} key=${dataset.id} first=${dataset} where=${where} left=${nameOf(left)} right=${nameOf(right)} />`)}`;
}

function DatasetDiff({ first, where, left, right }) {
  const [dataset, setDataset] = useState(first);
  const [error, setError] = useState(null);
  const more = () => get(`${where}?${new URLSearchParams({ dataset: first.id, offset: dataset.next_offset, limit: 500 })}`).then(
    ({ datasets: [next] }) => setDataset({ ...next, changes: [...dataset.changes, ...next.changes] }), setError);
  const counts = Object.entries(dataset.rows).filter(([name, n]) => n > 0 && name !== "same");
  return html`<section><h3><bdi>${dataset.name}</bdi> <span class="mono faint">${dataset.id}</span></h3>
    <p class="facts">${dataset.kind !== "changed" && dataset.kind !== "same" && html`<${Mark} kind=${COLOURS[dataset.kind]}>dataset ${dataset.kind}<//>`}
      ${counts.map(([name, n]) => html`<${Mark} kind=${COLOURS[name]}>${plural(n, "row")} ${name}<//>`)}<span>${plural(dataset.rows.same, "row")} the same</span>
      <span>told apart by <span class="mono">${dataset.by}</span></span></p>
    ${dataset.schema.length > 0 && html`<${Schema} changes=${dataset.schema} left=${left} right=${right} />`}
    ${dataset.changes.length > 0 && html`<div class="table-wrap"><table class="list top diff"><thead><tr><th scope="col">Row</th><th scope="col">Column</th><th scope="col">${left}</th><th scope="col">${right}</th></tr></thead>
      ${dataset.changes.map((change) => html`<${RowDiff} key=${change.id} change=${change} />`)}</table></div>`}
    ${dataset.next_offset !== null && html`<p><button type="button" onClick=${more}>Show more of ${count(dataset.rows.added + dataset.rows.removed + dataset.rows.changed)} rows</button></p>`}<${Failure} error=${error} /></section>`;
}

function Schema({ changes, left, right }) {
  const shown = (value) => (value === null || typeof value !== "object" ? String(value ?? "none") : `${value.name} (${value.dataTypeName})`);
  return html`<div class="table-wrap"><table class="list diff"><thead><tr><th scope="col">What</th><th scope="col">${left}</th><th scope="col">${right}</th></tr></thead>
    <tbody>${changes.map((change) => html`<tr><th scope="row">${change.what}</th><td class="before"><bdi>${shown(change.before)}</bdi></td><td class="after"><bdi>${shown(change.after)}</bdi></td></tr>`)}</tbody></table></div>`;
}

/** The cells that differ; of a row that came or went all that have a value. */
function cellsOf({ kind, fields, before, after }) {
  if (kind === "changed") return Object.entries(fields).map(([name, value]) => [name, value.before, value.after]);
  const row = after ?? before;
  return Object.keys(row).filter((name) => !name.startsWith(":")).map((name) => [name, before?.[name], after?.[name]]);
}

function RowDiff({ change }) {
  const cells = cellsOf(change);
  const [has, had] = [change.after !== null, change.before !== null];
  const side = (there, value, colour) => html`<td class=${there ? colour : ""}>${there ? cell(value ?? undefined, typeOf(value)) : ""}</td>`;
  return html`<tbody>${(cells.length ? cells : [[""]]).map(([name, before, after], index) => html`<tr>
    ${index === 0 && html`<th scope="rowgroup" rowspan=${Math.max(1, cells.length)}><${Mark} kind=${COLOURS[change.kind]}>${change.kind}<//><br /><bdi class="mono">${String(change.key)}</bdi></th>`}
    <td class="mono faint">${name}</td>${side(had && name, before, "before")}${side(has && name, after, "after")}</tr>`)}</tbody>`;
}

/** Two states may differ in types; the value itself tells enough. */
function typeOf(value) {
  if (typeof value === "boolean") return "boolean";
  return value?.coordinates ? "point" : "text";
}
