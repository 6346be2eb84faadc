// What of the journal is shown; the server looks for it in all that the journal holds.
import { html, useEffect, useRef, useState } from "../../lib/html.js";
import { setParams } from "../../lib/route.js";
import { Field, Switch } from "../../parts/basics.js";

export const FILTERS = ["dataset", "operation", "status", "client", "fault", "row_error", "key", "text"];
const NAMES = { none: "no answer", true: "any" };
const ROW_ERRORS = ["true", "no_primary_key", "no_such_row_to_delete", "no_such_row_to_update", "version_mismatch", "version_on_new_row"];
/** The journal is searched once a person has not typed for so long, in milliseconds. */
const PAUSE = 250;

export const clientOf = ({ client = {} }) => client.user ?? client.app_token ?? client.address ?? "";

/** The filters among the parameters of an address. */
export const asked = (params) => Object.fromEntries(FILTERS.map((name) => [name, params[name]]).filter(([, value]) => value));

export function Filters({ entries, params, fold, onFold }) {
  // What was seen before stays on offer: a filtered list has only what was chosen.
  const seen = useRef({ dataset: new Set(), operation: new Set(), client: new Set() });
  const options = (name, pick) => {
    for (const entry of entries) if (pick(entry)) seen.current[name].add(pick(entry));
    return [...seen.current[name]].sort();
  };
  const choice = (name, label, values) => html`<${Field} label=${label}><select value=${params[name] ?? ""} onChange=${(event) => setParams({ [name]: event.currentTarget.value }, { replace: true })}>
    <option value="">all</option>${[...new Set([...values, params[name]])].filter(Boolean).map((value) => html`<option value=${value}>${NAMES[value] ?? value.replaceAll("_", " ")}</option>`)}</select><//>`;
  const any = FILTERS.some((name) => params[name]);
  return html`<div class="form filters">
    ${choice("dataset", "Dataset", options("dataset", (entry) => entry.dataset))}${choice("operation", "Operation", options("operation", (entry) => entry.operation))}
    ${choice("status", "Status", ["2xx", "3xx", "4xx", "5xx", "none"])}${choice("client", "Client", options("client", clientOf))}${choice("fault", "Fault", ["true"])}${choice("row_error", "Row error", ROW_ERRORS)}
    <${Typed} name="key" label="Row key" value=${params.key} />
    <${Typed} name="text" label="Text" value=${params.text} shortcut="/" placeholder="anywhere, bodies too" />
    <${Switch} label="Fold repeats" title="Failures of one kind in a row stand on one line" checked=${fold} onChange=${onFold} />
    ${any && html`<button type="button" class="quiet" onClick=${() => setParams(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>Clear filters</button>`}</div>`;
}

/** A filter that is typed. */
function Typed({ name, label, value = "", shortcut, placeholder }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => {
    clearTimeout(timer.current);
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (event) => {
    const typed = event.currentTarget.value;
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setParams({ [name]: typed }, { replace: true }), PAUSE);
  };
  return html`<${Field} label=${label}><input type="search" data-shortcut=${shortcut} placeholder=${placeholder} maxlength="1000" value=${text} onInput=${type} /><//>`;
}
