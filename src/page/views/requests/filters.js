// What of the journal is shown: asked of the server where it knows the filter, else looked for in what was read.
import { html, useRef } from "../../lib/html.js";
import { setParams } from "../../lib/route.js";
import { Field, Switch } from "../../parts/basics.js";

export const FILTERS = ["dataset", "operation", "status", "client", "fault", "text"];
const NAMES = { errors: "with row errors", none: "no answer", true: "with a fault" };

export const clientOf = ({ client = {} }) => client.user ?? client.app_token ?? client.address ?? "";

/** The part of the filters that the server applies. */
export function asked({ dataset, operation, status, client, fault }) {
  return { dataset, operation, status: status === "errors" ? undefined : status, client, fault };
}

/** Whether the rest has to be looked for in every entry of the journal. */
export const readsAll = ({ status, text }) => status === "errors" || Boolean(text);

/** Whether an entry is what all filters ask for. */
export function fits(entry, { dataset, operation, status, client, fault, text }) {
  const wanted = (text ?? "").toLowerCase();
  const all = `${entry.method} ${entry.path}?${entry.query} ${entry.request_id} ${entry.error?.message ?? ""} ${entry.error?.code ?? ""} ${entry.hint ?? ""} ${entry.client?.agent ?? ""}`.toLowerCase();
  return (!dataset || entry.dataset === dataset) && (!operation || entry.operation === operation) && statusFits(entry, status) &&
    (!client || clientOf(entry) === client) && (!fault || Boolean(entry.fault)) && (!wanted || all.includes(wanted));
}

function statusFits(entry, status) {
  if (!status) return true;
  if (status === "errors") return entry.rows?.errors > 0;
  return status === "none" ? !entry.status : String(entry.status ?? "")[0] === status[0];
}

export function Filters({ entries, params, fold, onFold }) {
  // What was seen before stays on offer: a filtered list has only what was chosen.
  const seen = useRef({ dataset: new Set(), operation: new Set(), client: new Set() });
  const options = (name, pick) => {
    for (const entry of entries) if (pick(entry)) seen.current[name].add(pick(entry));
    return [...seen.current[name]].sort();
  };
  const choice = (name, label, values) => html`<${Field} label=${label}><select value=${params[name] ?? ""} onChange=${(event) => setParams({ [name]: event.currentTarget.value }, { replace: true })}>
    <option value="">all</option>${[...new Set([...values, params[name]])].filter(Boolean).map((value) => html`<option value=${value}>${NAMES[value] ?? value}</option>`)}</select><//>`;
  const any = FILTERS.some((name) => params[name]);
  return html`<div class="form filters">
    ${choice("dataset", "Dataset", options("dataset", (entry) => entry.dataset))}${choice("operation", "Operation", options("operation", (entry) => entry.operation))}
    ${choice("status", "Status", ["2xx", "3xx", "4xx", "5xx", "none", "errors"])}${choice("client", "Client", options("client", clientOf))}${choice("fault", "Fault", ["true"])}
    <${Field} label="Text"><input type="search" data-shortcut="/" placeholder="path, error, program" value=${params.text ?? ""} onInput=${(event) => setParams({ text: event.currentTarget.value }, { replace: true })} /><//>
    <${Switch} label="Fold repeats" title="Failures of one kind in a row stand on one line" checked=${fold} onChange=${onFold} />
    ${any && html`<button type="button" class="quiet" onClick=${() => setParams(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>Clear filters</button>`}</div>`;
}
