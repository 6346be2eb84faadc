// Faults: what goes wrong, for which requests, and how often it did.
import { html, useState } from "../../lib/html.js";
import { path, post, remove, twin } from "../../lib/api.js";
import { useEvents } from "../../lib/feed.js";
import { useGet } from "../../lib/reading.js";
import { address } from "../../lib/route.js";
import { count, plural } from "../../lib/format.js";
import { Empty, Failure, Field, Icon, Mark, Twins } from "../../parts/basics.js";
import { fieldsOf, useAction } from "./act.js";

const EXAMPLE = `{
  "match": { "operation": "upsert", "nth": 2 },
  "times": 1,
  "do": { "status": 503, "delay_ms": 500 }
}`;

/** `/__mock/controls/faults`. */
export function Faults() {
  const { data, error, reload } = useGet("/faults");
  useEvents(({ name }) => ["fault", "reset", "opened"].includes(name) && reload());
  const [act, said] = useAction(reload);
  const faults = data?.faults ?? data ?? [];
  return html`<header class="view-head"><h2>Faults</h2><div class="actions">${faults.length > 0 && html`<button type="button" onClick=${() => act(() => remove("/faults"), "No fault is armed.")}>Remove all</button>`}<${Twins} links=${[["JSON", twin("/faults")]]} /></div></header>
    <${Failure} error=${error} />${data && !faults.length && html`<${Empty} title="No fault is armed."><p>Every request is answered as it should be. Arm one below.</p><//>`}
    ${faults.length > 0 && html`<div class="table-wrap"><table class="list top"><thead><tr><th scope="col">Fault</th><th scope="col">Which requests</th><th scope="col">What happens</th><th scope="col" class="right">Hits</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${faults.map((fault) => html`<${Line} key=${fault.id} fault=${fault} act=${act} />`)}</tbody></table></div>`}${said}
    <${Presets} act=${act} /><${Own} act=${act} />`;
}

function Line({ fault, act }) {
  const actions = [fault.do].flat();
  const limit = [fault.times && plural(fault.times, "time"), fault.probability && `${Math.round(fault.probability * 100)} %`].filter(Boolean).join(", ");
  return html`<tr><th scope="row" class="mono">${fault.id}${fault.used_up && html`<br /><${Mark} kind="quiet">used up<//>`}</th><td>${words(fault.match)}${limit && html`<br /><span class="faint">${limit}</span>`}</td>
    <td>${actions.map((action, index) => html`${index > 0 && html`<br /><span class="faint">or </span>`}${words(action)}`)}</td>
    <td class="right number">${count(fault.hits ?? 0)}${fault.last_request?.request && html`<br /><a href=${address(["requests", String(fault.last_request.request)])}>last</a>`}</td>
    <td class="right"><button type="button" class="quiet danger" aria-label=${`Remove ${fault.id}`} onClick=${() => act(() => remove(path(["faults", fault.id])), `${fault.id} is removed.`)}><${Icon} name="trash" /></button></td></tr>`;
}

/** The members of a rule's part, in words. */
function words(part) {
  const entries = Object.entries(part ?? {});
  if (!entries.length) return "all requests";
  return entries.map(([name, value], index) => html`${index > 0 && ", "}<span class="faint">${name.replaceAll("_", " ")}</span> ${typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : [value].flat().join(", ")}`);
}

function Presets({ act }) {
  const { data, error } = useGet("/faults/presets");
  const { data: datasets } = useGet("/datasets");
  const [dataset, setDataset] = useState("");
  const [times, setTimes] = useState("");
  const presets = data?.presets ?? data ?? [];
  const arm = (name) => act(() => post(path(["faults", "presets", name]), { ...(dataset ? { match: { dataset } } : {}), ...(times ? { times: Number(times) } : {}) }), `${name} is armed.`);
  if (error) return null;
  return html`<h2>Presets</h2><div class="form"><${Field} label="Only on"><select value=${dataset} onChange=${(event) => setDataset(event.currentTarget.value)}><option value="">all datasets</option>
      ${datasets?.map((item) => html`<option value=${item.id}>${item.name} (${item.id})</option>`)}</select><//>
      <${Field} label="So many times"><input type="number" min="1" placeholder="as the preset says" value=${times} onInput=${(event) => setTimes(event.currentTarget.value)} /><//></div>
    <ul class="presets">${presets.map((preset) => html`<li key=${preset.name}><button type="button" onClick=${() => arm(preset.name)}><${Icon} name="plus" />${preset.name}</button><span>${preset.imitates}</span></li>`)}</ul>`;
}

function Own({ act }) {
  const [wrong, setWrong] = useState("");
  const add = (event) => {
    const { rule } = fieldsOf(event);
    let parsed;
    try {
      parsed = JSON.parse(rule);
    } catch (error) {
      setWrong(error.message);
      return;
    }
    setWrong("");
    act(() => post("/faults", parsed), (fault) => `${fault.id} is armed.`);
  };
  return html`<h2>A rule of your own</h2><form onSubmit=${add}><${Field} label="Rule, as JSON"><textarea name="rule" class="mono wide" rows="7" spellcheck=${false}>${EXAMPLE}</textarea><//>
    ${wrong && html`<p class="editor-error" role="alert">${wrong}</p>`}<p class="after-field"><button>Arm</button></p></form>`;
}

