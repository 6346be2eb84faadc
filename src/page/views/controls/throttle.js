// Throttling: so many requests in a window, for each app token and for each address without one.
import { html } from "../../lib/html.js";
import { put, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { Failure, Field, Twins } from "../../parts/basics.js";
import { fieldsOf, useAction } from "./act.js";

/** `/__mock/controls/throttle`. */
export function Throttle() {
  const { data, error, reload } = useGet("/throttle");
  const [act, said, busy] = useAction(reload);
  const set = (limits) => act(() => put("/throttle", limits), "Set; the pools are full again.");
  return html`<header class="view-head"><h2>Throttle</h2><${Twins} links=${[["JSON", twin("/throttle")]]} /></header>
    <p>Over its limit a client is answered 429 with <code>Retry-After</code>. Write a limit as <code>1000/1h</code>, <code>5/10s</code> or <code>off</code>.</p><${Failure} error=${error} />
    ${data && html`<form key=${JSON.stringify(data)} class="form" onSubmit=${(event) => set(fieldsOf(event))}>
      <${Field} label="Without an app token, per address"><input name="anonymous" value=${data.anonymous} required /><//>
      <${Field} label="Per app token"><input name="token" value=${data.token} required /><//><button disabled=${busy}>Set</button></form>
      <div class="actions"><button type="button" onClick=${() => set({ anonymous: "1000/1h", token: "off" })}>As documented</button>
        <button type="button" onClick=${() => set({ anonymous: "1/10s", token: "1/10s" })}>One in ten seconds</button>
        <button type="button" onClick=${() => set({ anonymous: "off", token: "off" })}>Off</button></div>
      ${Array.isArray(data.pools) && data.pools.length > 0 && html`<${Pools} pools=${data.pools} />`}`}${said}`;
}

function Pools({ pools }) {
  const names = Object.keys(pools[0]);
  return html`<h3>Pools</h3><div class="table-wrap"><table class="list"><thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${pools.map((pool) => html`<tr>${names.map((name) => html`<td>${String(pool[name])}</td>`)}</tr>`)}</tbody></table></div>`;
}
