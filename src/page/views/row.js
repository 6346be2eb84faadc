// One row: its values, its history, and how another program would write it.
import { html, useEffect, useState } from "../lib/html.js";
import { twin, path } from "../lib/api.js";
import { address } from "../lib/route.js";
import { cell, isGeometry, plain, safeAddress, shown } from "../lib/cell.js";
import { curl, origin, sodapy, withoutSystemFields } from "../lib/copy.js";
import { ask } from "../lib/stats.js";
import { equals, quoted } from "../lib/soql.js";
import { nameOf, removeRow, upsert } from "../lib/edit.js";
import { rowAssertion } from "../lib/assertions.js";
import { useWrites } from "../lib/writes.js";
import { useAccount } from "../parts/account.js";
import { AssertionDialog } from "../parts/assertion.js";
import { Copy, Failure, Icon, Twins } from "../parts/basics.js";
import { RowForm } from "../parts/row_form.js";
import { GeometryView } from "../parts/map.js";
import { RowHistory } from "./changes.js";

const USER = "publisher@example.com:publisher";
const SYSTEM = [[":id", "row_identifier"], [":version", "row_version"], [":created_at", "fixed_timestamp"], [":updated_at", "fixed_timestamp"]];

/** `/__mock/datasets/{4x4}/row/{key}`. */
export function Row({ dataset, rest, reload }) {
  useWrites(dataset.id, reload);
  const key = rest[0] ?? "";
  const column = dataset.columns.find((item) => item.fieldName === dataset.row_identifier);
  const condition = column ? equals(column.fieldName, key, column.soqlType) : `:id = ${quoted(key)}`;
  const query = `SELECT :*, * WHERE ${condition} LIMIT 1`;
  const [state, setState] = useState({});
  useEffect(() => {
    const abort = new AbortController();
    ask(dataset.id, query, abort.signal).then(([row]) => setState({ row, done: true }), (error) => error.name !== "AbortError" && setState({ error }));
    return () => abort.abort();
  }, [dataset.id, query, dataset.data_version]);
  if (state.error) return html`<${Failure} error=${state.error} />`;
  if (!state.done) return html`<p class="loading" role="status">Loading</p>`;
  return html`<div class="row-view page-width">
    <nav class="crumbs" aria-label="Place"><a href=${address(["datasets", dataset.id])}>Rows</a><${Icon} name="right" /><bdi class="mono">${key}</bdi></nav>
    ${state.row
      ? html`<${Actions} dataset=${dataset} row=${state.row} query=${query} /><${Values} dataset=${dataset} row=${state.row} />`
      : html`<div class="empty"><p class="empty-title">There is no such row now.</p><p>Its history, if any, is below.</p></div>`}
    <${RowHistory} key=${dataset.data_version} dataset=${dataset} row=${state.row} rowKey=${key} />
  </div>`;
}

/** What can be done with the row; a change is an upsert as the account that was chosen. */
function Actions({ dataset, row, query }) {
  const [account] = useAccount();
  const [open, setOpen] = useState("");
  const [error, setError] = useState(null);
  const own = withoutSystemFields(row);
  const url = `${origin()}/resource/${dataset.id}.json`;
  const body = dataset.row_identifier ? own : { ":id": row[":id"], ...own };
  const json = JSON.stringify(own, null, 2);
  const asCurl = curl({ method: "POST", url, user: USER, headers: [["Content-Type", "application/json"]], body: JSON.stringify([body]) });
  const save = (fields) => upsert(account, dataset, { ...nameOf(dataset, row), ...fields });
  const remove = () => removeRow(account, dataset, row).catch(setError);
  return html`<div class="actions"><button type="button" onClick=${() => setOpen("form")}><${Icon} name="edit" />Change</button><button type="button" class="danger" onClick=${remove}><${Icon} name="trash" />Delete</button>
    <button type="button" onClick=${() => setOpen("assert")}>Assert this</button><${Copy} label="Copy as JSON" text=${json} />
    <${Copy} label="Copy as curl upsert" text=${asCurl} />
    <${Copy} label="Copy as sodapy" text=${sodapy(dataset.id, body, USER, "demo-app-token")} />
    <${Twins} links=${[["JSON", twin(path(["datasets", dataset.id, "query.json"], { $query: query }))], ["CSV", twin(path(["datasets", dataset.id, "query.csv"], { $query: query })), "row.csv"]]} /></div><${Failure} error=${error} />
    ${open === "form" && html`<${RowForm} dataset=${dataset} row=${row} onSave=${save} onClose=${() => setOpen("")} />`}
    ${open === "assert" && html`<${AssertionDialog} assertion=${rowAssertion(dataset, row)} onClose=${() => setOpen("")} />`}`;
}

function Values({ dataset, row }) {
  return html`<dl class="values">
    ${dataset.columns.map((column) => html`<div key=${column.fieldName}><dt><bdi>${column.name}</bdi>${column.fieldName === dataset.row_identifier && html`${" "}<${Icon} name="key" /><span class="hidden">row identifier</span>`}
      <small class="mono">${column.fieldName} · ${column.dataTypeName}</small></dt><dd>${whole(row[column.fieldName], column.soqlType)}</dd></div>`)}
    ${SYSTEM.map(([name, type]) => html`<div class="system" key=${name}><dt class="mono">${name}</dt><dd class="mono">${cell(row[name], type)}</dd></div>`)}
  </dl>`;
}

/** A value with nothing cut off. */
function whole(value, type) {
  if (value === undefined || value === null) return cell(value, type);
  if (isGeometry(type)) return html`<${GeometryView} value=${value} /><span class="mono">${plain(value, type)}</span>
    <details><summary>GeoJSON</summary><pre>${JSON.stringify(value)}</pre></details>`;
  if (type === "text") return value === "" ? cell(value, type) : html`<bdi class="text-value">${value}</bdi>`;
  if (type === "url") {
    const link = safeAddress(value.url);
    return html`${link ? html`<a href=${link} target="_blank" rel="noopener noreferrer"><bdi>${value.url}</bdi></a>` : html`<bdi>${value.url ?? ""}</bdi>`}
      ${value.description && html`<br /><bdi class="faint">${value.description}</bdi>`}`;
  }
  if (typeof value === "object") return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
  return cell(value, type);
}
