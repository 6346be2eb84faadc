// Faults: what goes wrong, for which requests, and how often it did.
import { html, useState } from "../../../lib/html.js";
import { path, post, put, remove, twin } from "../../../lib/api.js";
import { useEvents } from "../../../lib/feed.js";
import { useGet } from "../../../lib/reading.js";
import { address } from "../../../lib/route.js";
import { hiddenBy, ruleFrom, ruleOf } from "../../../lib/faults.js";
import { useKept } from "../../../lib/kept.js";
import { count, plural } from "../../../lib/format.js";
import { Empty, Failure, Field, Icon, Mark, Twins } from "../../../parts/basics.js";
import { useConfirm } from "../../../parts/confirm.js";
import { useAction } from "../act.js";
import { FaultForm } from "./form.js";

const FIRST = { match: { operation: "upsert" }, times: 1, do: { status: 503 } };

/** `/__mock/controls/faults?request=`. */
export function Faults({ params }) {
  const { data, error, reload } = useGet("/faults");
  useEvents(({ name }) => ["fault", "reset", "opened"].includes(name) && reload());
  const [act, said] = useAction(reload);
  const [ask, question] = useConfirm();
  const [editing, edit] = useState(null);
  const [off, setOff] = useKept(`faults-off.${params.space ?? ""}`, []);
  const faults = data?.faults ?? [];
  const clear = () => ask({ title: "Remove all faults?", verb: "Remove all", text: "The rules are lost with what they counted. A rule that may be needed again can be switched off instead.", run: () => act(() => remove("/faults"), "No fault is armed.") });
  const move = (index, step) => {
    const rules = faults.map(ruleOf);
    rules.splice(index + step, 0, ...rules.splice(index, 1));
    act(() => put("/faults", { faults: rules }), "The order is another; hits are counted anew.");
  };
  const rest = (fault) => act(async () => {
    await remove(path(["faults", fault.id]));
    setOff([...off.filter(({ id }) => id !== fault.id), ruleOf(fault)]);
  }, `${fault.id} is switched off.`);
  const rearm = (rule) => act(async () => {
    await put(path(["faults", rule.id]), rule);
    setOff(off.filter(({ id }) => id !== rule.id));
  }, `${rule.id} is armed.`);
  const forget = (rule) => setOff(off.filter(({ id }) => id !== rule.id));
  return html`<header class="view-head"><h2>Faults</h2><div class="actions">${faults.length > 0 && html`<button type="button" onClick=${clear}>Remove all</button>`}<${Twins} links=${[["JSON", twin("/faults")]]} /></div></header>
    <${Failure} error=${error} />${data && !faults.length && html`<${Empty} title="No fault is armed."><p>Every request is answered as it should be. Arm one below.</p><//>`}
    ${faults.length > 0 && html`<p class="faint">The first rule that fits a request decides.</p><div class="table-wrap"><table class="list top"><thead><tr><th scope="col">Fault</th><th scope="col">Which requests</th><th scope="col">What happens</th><th scope="col" class="right">Hits</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${faults.map((fault, index) => html`<${Line} key=${fault.id} fault=${fault} hidden=${hiddenBy(faults, index)} first=${index === 0} last=${index === faults.length - 1}
        act=${act} move=${(step) => move(index, step)} rest=${() => rest(fault)} edit=${() => edit(fault)} />`)}</tbody></table></div>`}
    ${off.length > 0 && html`<h3>Switched off</h3><ul class="presets">${off.map((rule) => html`<li key=${rule.id}><button type="button" onClick=${() => rearm(rule)}><${Icon} name="play" />Arm ${rule.id}</button><span>${words(rule.match)}: ${words(Array.isArray(rule.do) ? { "one of": rule.do } : rule.do)}</span>
      <button type="button" class="quiet danger" aria-label=${`Forget ${rule.id}`} onClick=${() => forget(rule)}><${Icon} name="trash" /></button></li>`)}</ul>`}
    ${editing ? html`<h2>Change ${editing.id}</h2><${FaultForm} key=${editing.id} start=${ruleOf(editing)} verb="Save" onCancel=${() => edit(null)}
        onSave=${(rule) => act(() => put(path(["faults", editing.id]), rule).then(() => edit(null)), `${editing.id} is changed; its hits are counted anew.`)} />`
      : html`<${Own} act=${act} request=${params.request} />`}${said}
    <${Presets} act=${act} />${question}`;
}

/** A rule of one's own; after "fail it next time" it is one for requests like that. */
function Own({ act, request }) {
  const { data: entry } = useGet(request ? path(["requests", request]) : null);
  if (request && !entry) return null;
  return html`<h2>${entry ? html`Fail the next one like <a href=${address(["requests", request])}>request ${request}</a>` : "A rule of your own"}</h2>
    <${FaultForm} key=${request} start=${entry ? ruleFrom(entry) : FIRST} verb="Arm" onSave=${(rule) => act(() => post("/faults", rule), (fault) => `${fault.id} is armed.`)} />`;
}

function Line({ fault, hidden, first, last, act, move, rest, edit }) {
  const actions = [fault.do].flat();
  const limit = [fault.times && plural(fault.times, "time"), fault.probability && `${Math.round(fault.probability * 100)} %`].filter(Boolean).join(", ");
  const button = (text, icon, run, disabled = false) => html`<button type="button" class="quiet" disabled=${disabled} aria-label=${`${text} ${fault.id}`} title=${text} onClick=${run}><${Icon} name=${icon} /></button>`;
  return html`<tr><th scope="row" class="mono">${fault.id}${fault.used_up && html`<br /><${Mark} kind="quiet">used up<//>`}${hidden && html`<br /><${Mark} kind="warn">never reached: ${hidden.id} is first<//>`}</th><td>${words(fault.match)}${limit && html`<br /><span class="faint">${limit}</span>`}</td>
    <td>${actions.map((action, index) => html`${index > 0 && html`<br /><span class="faint">or </span>`}${words(action)}`)}</td>
    <td class="right number">${count(fault.hits ?? 0)}${fault.last_request?.request && html`<br /><a href=${address(["requests", String(fault.last_request.request)])}>last</a>`}</td>
    <td class="right nowrap">${button("Move up", "up", () => move(-1), first)}${button("Move down", "down", () => move(1), last)}${button("Change", "edit", edit)}${button("Switch off", "close", rest)}
      <button type="button" class="quiet danger" aria-label=${`Remove ${fault.id}`} title="Remove" onClick=${() => act(() => remove(path(["faults", fault.id])), `${fault.id} is removed.`)}><${Icon} name="trash" /></button></td></tr>`;
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
