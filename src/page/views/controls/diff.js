// Two states of the data, row by row.
import { html } from "../../lib/html.js";
import { path, twin, useGet } from "../../lib/api.js";
import { address } from "../../lib/route.js";
import { count, plural } from "../../lib/format.js";
import { Empty, Failure, Icon, Mark, Twins } from "../../parts/basics.js";
import { cell } from "../../lib/cell.js";

const nameOf = (name) => (name === "current" ? "now" : name);

/** `/__mock/controls/snapshots/diff/{a}/{b}`. */
export function SnapshotDiff({ left, right }) {
  const where = path(["snapshots", left, "diff", right]);
  const { data, error } = useGet(where);
  return html`<nav class="crumbs" aria-label="Place"><a href=${address(["controls", "snapshots"])}>Snapshots</a><${Icon} name="right" /><span>${nameOf(left)} and ${nameOf(right)}</span></nav>
    <header class="view-head"><h2>From ${nameOf(left)} to ${nameOf(right)}</h2><${Twins} links=${[["JSON", twin(where)]]} /></header>
    <${Failure} error=${error} />${!data && !error && html`<p class="loading" role="status">Comparing</p>`}
    ${data && html`<${Datasets} datasets=${data.datasets ?? []} left=${nameOf(left)} right=${nameOf(right)} />`}`;
}

function Datasets({ datasets, left, right }) {
  const changed = datasets.filter((dataset) => rowsOf(dataset).length || dataset.status !== undefined && !["same", "unchanged"].includes(dataset.status));
  if (!changed.length) return html`<${Empty} title="No row differs." />`;
  return changed.map((dataset) => html`<${DatasetDiff} key=${dataset.id ?? dataset.dataset} dataset=${dataset} left=${left} right=${right} />`);
}

/** The differing rows of a dataset as `{ kind, key, before, after }`. */
function rowsOf(dataset) {
  if (Array.isArray(dataset.rows)) return dataset.rows.map((row) => ({ kind: row.kind ?? row.change, ...row }));
  const of = (kind, list, make) => (Array.isArray(list) ? list : []).map((row) => ({ kind, ...make(row) }));
  return [
    ...of("deleted", dataset.removed ?? dataset.deleted, (row) => ({ key: row.key, before: row.before ?? row.row ?? row })),
    ...of("updated", dataset.changed ?? dataset.updated, (row) => row),
    ...of("created", dataset.added ?? dataset.created, (row) => ({ key: row.key, after: row.after ?? row.row ?? row })),
  ];
}

const KINDS = { created: ["added", "good"], added: ["added", "good"], updated: ["changed", "info"], changed: ["changed", "info"], deleted: ["removed", "bad"], removed: ["removed", "bad"] };

function DatasetDiff({ dataset, left, right }) {
  const rows = rowsOf(dataset);
  const hidden = dataset.truncated ?? dataset.more ?? 0;
  return html`<section><h3><bdi>${dataset.name ?? ""}</bdi> <span class="mono faint">${dataset.id ?? dataset.dataset}</span></h3>
    ${dataset.status && html`<p class="facts"><${Mark}>${dataset.status}<//></p>`}
    ${dataset.counts && html`<p class="facts">${Object.entries(dataset.counts).map(([name, n]) => html`<span>${count(n)} ${name}</span>`)}</p>`}
    ${rows.length > 0 && html`<div class="table-wrap"><table class="list top diff"><thead><tr><th scope="col">Row</th><th scope="col">Column</th><th scope="col">${left}</th><th scope="col">${right}</th></tr></thead>
      <tbody>${rows.map((row, index) => html`<${RowDiff} key=${index} row=${row} />`)}</tbody></table></div>`}
    ${hidden > 0 && html`<p class="faint">${plural(Number(hidden), "further row")} not shown.</p>`}</section>`;
}

function RowDiff({ row }) {
  const [word, colour] = KINDS[row.kind] ?? [row.kind ?? "changed", ""];
  const names = [...new Set([...Object.keys(row.before ?? {}), ...Object.keys(row.after ?? {})])].filter((name) => !name.startsWith(":"))
    .filter((name) => JSON.stringify(row.before?.[name]) !== JSON.stringify(row.after?.[name]));
  const shown = names.length ? names : [""];
  return shown.map((name, index) => html`<tr class=${index ? "more" : "first"}>${index === 0 && html`<th scope="rowgroup" rowspan=${shown.length}><${Mark} kind=${colour}>${word}<//><br /><bdi class="mono">${String(row.key ?? "")}</bdi></th>`}
    <td class="mono faint">${name}</td><td class=${row.before && name ? "before" : ""}>${row.before && name ? cell(row.before[name], typeOf(row.before[name])) : ""}</td>
    <td class=${row.after && name ? "after" : ""}>${row.after && name ? cell(row.after[name], typeOf(row.after[name])) : ""}</td></tr>`);
}

const typeOf = (value) => (typeof value === "boolean" ? "boolean" : value?.coordinates ? "point" : "text");
