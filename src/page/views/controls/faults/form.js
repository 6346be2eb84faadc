// A fault rule in fields; what they do not have is written as JSON, which is always there too.
import { html, useState } from "../../../lib/html.js";
import { KINDS, OPERATIONS, kindOf, withMember } from "../../../lib/faults.js";
import { useGet } from "../../../lib/reading.js";
import { Field } from "../../../parts/basics.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const THEN = { "": "by itself", skip: "nothing is stored", apply: "it is executed", apply_then_drop: "it is executed, then the connection ends" };

/** `start` is the rule to begin with; `onSave(rule)` with what is to be armed. */
export function FaultForm({ start, verb, onSave, onCancel }) {
  const [rule, setRule] = useState(start);
  const [text, setText] = useState(JSON.stringify(start, null, 2));
  const [wrong, setWrong] = useState("");
  const set = (next) => {
    setRule(next);
    setText(JSON.stringify(next, null, 2));
    setWrong("");
  };
  const typed = (event) => {
    setText(event.currentTarget.value);
    try {
      setRule(JSON.parse(event.currentTarget.value));
      setWrong("");
    } catch (error) {
      setWrong(error.message);
    }
  };
  const save = (event) => {
    event.preventDefault();
    if (!wrong) onSave(rule);
  };
  return html`<form class="fault-form" aria-label="Fault rule" onSubmit=${save}>
    <${Which} rule=${rule} set=${set} /><${What} rule=${rule} set=${set} /><${HowOften} rule=${rule} set=${set} />
    <details open=${!kindOf(rule)}><summary>As JSON</summary><label class="field"><span class="hidden">Rule, as JSON</span><textarea name="rule" class="mono wide" rows="9" spellcheck=${false} value=${text} onInput=${typed}></textarea></label></details>
    ${wrong && html`<p class="editor-error" role="alert">${wrong}</p>`}
    <div class="actions after-field"><button class="main" disabled=${Boolean(wrong)}>${verb}</button>${onCancel && html`<button type="button" onClick=${onCancel}>Cancel</button>`}</div></form>`;
}

const only = (value) => (Array.isArray(value) ? value.join(", ") : value ?? "");

function Which({ rule, set }) {
  const { data: datasets } = useGet("/datasets");
  const match = rule.match ?? {};
  const put = (name, number) => (event) => set({ ...rule, match: withMember(match, name, number && event.currentTarget.value !== "" ? Number(event.currentTarget.value) : event.currentTarget.value) });
  return html`<fieldset><legend>A request that is</legend><div class="form">
    <${Field} label="Method"><select value=${only(match.method)} onChange=${put("method")}><option value="">any</option>${METHODS.map((name) => html`<option>${name}</option>`)}</select><//>
    <${Field} label="Operation"><input list="operations" placeholder="any" value=${only(match.operation)} onInput=${put("operation")} /><datalist id="operations">${OPERATIONS.map((name) => html`<option value=${name} />`)}</datalist><//>
    <${Field} label="Dataset"><select value=${only(match.dataset)} onChange=${put("dataset")}><option value="">any</option>${datasets?.map((item) => html`<option value=${item.id}>${item.name} (${item.id})</option>`)}</select><//>
    <${Field} label="Path, * for anything"><input class="mono" placeholder="any" value=${match.path ?? ""} onInput=${put("path")} /><//>
    <${Field} label="From, * for anything"><input placeholder="anybody" value=${match.client ?? ""} onInput=${put("client")} /><//></div></fieldset>`;
}

function What({ rule, set }) {
  const kind = kindOf(rule);
  const action = Array.isArray(rule.do) ? {} : rule.do ?? {};
  const put = (name, value) => set({ ...rule, do: withMember(action, name, value) });
  const number = (name, label, least = 0) => html`<${Field} label=${label}><input type="number" min=${least} value=${action[name] ?? ""} onInput=${(event) => put(name, event.currentTarget.value === "" ? "" : Number(event.currentTarget.value))} /><//>`;
  const choice = (name, label, values) => html`<${Field} label=${label}><select value=${action[name] ?? ""} onChange=${(event) => put(name, event.currentTarget.value)}>${Object.entries(values).map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select><//>`;
  return html`<fieldset><legend>What happens to it</legend><div class="form">
    <${Field} label="It"><select value=${kind ?? ""} onChange=${(event) => set({ ...rule, do: KINDS[event.currentTarget.value].first })}>${!kind && html`<option value="">what the JSON says</option>`}${Object.entries(KINDS).map(([name, { text }]) => html`<option value=${name}>${text}</option>`)}</select><//>
    ${kind === "status" && html`${number("status", "Status", 100)}<label class="switch-line"><input type="checkbox" checked=${action.html_error === true} onChange=${(event) => put("html_error", event.currentTarget.checked)} /> with a proxy's HTML page</label>
      <${Field} label="Retry-After"><input value=${action.headers?.["Retry-After"] ?? ""} placeholder="none" onInput=${(event) => put("headers", event.currentTarget.value ? { ...action.headers, "Retry-After": event.currentTarget.value } : "")} /><//>`}
    ${kind === "drop" && choice("drop", "When", { before_headers: "before the answer", mid_body: "half through the answer" })}
    ${kind === "truncate" && number("truncate_at", "After so many bytes")}
    ${kind === "corrupt" && choice("corrupt", "How", { json: "the last bracket is missing", gzip: "a wrong gzip checksum", utf8: "a byte that is no UTF-8", empty: "nothing in it" })}
    ${kind === "thin" && number("bandwidth_bytes_per_s", "Bytes a second", 1)}
    ${kind && number("delay_ms", "Later by, ms")}${kind && choice("then", "The request itself", THEN)}</div></fieldset>`;
}

function HowOften({ rule, set }) {
  const match = rule.match ?? {};
  const value = (event) => (event.currentTarget.value === "" ? "" : Number(event.currentTarget.value));
  return html`<fieldset><legend>How often</legend><div class="form">
    <${Field} label="So many times"><input type="number" min="1" placeholder="always" value=${rule.times ?? ""} onInput=${(event) => set(withMember(rule, "times", value(event)))} /><//>
    <${Field} label="Only the so-many-th"><input type="number" min="1" placeholder="each" value=${only(match.nth)} onInput=${(event) => set({ ...rule, match: withMember(match, "nth", value(event)) })} /><//>
    <${Field} label="Share, in per cent"><input type="number" min="1" max="100" placeholder="100" value=${rule.probability ? Math.round(rule.probability * 100) : ""} onInput=${(event) => set(withMember(rule, "probability", value(event) === "" ? "" : value(event) / 100))} /><//></div></fieldset>`;
}
