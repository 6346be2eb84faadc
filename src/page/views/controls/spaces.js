// Isolated worlds in one process.
import { html } from "../../lib/html.js";
import { path, post, remove, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { count } from "../../lib/format.js";
import { current } from "../../lib/route.js";
import { Copy, Failure, Field, Icon, Mark, Twins } from "../../parts/basics.js";
import { useConfirm } from "../../parts/confirm.js";
import { fieldsOf, useAction } from "./act.js";

/** `/__mock/controls/spaces`. */
export function Spaces() {
  const { data, error, reload } = useGet("/spaces");
  const [act, said] = useAction(reload);
  const [ask, question] = useConfirm();
  const here = current().params.space ?? "default";
  const list = data?.spaces ?? data ?? [];
  const add = (event) => {
    const { name, from } = fieldsOf(event);
    act(() => post("/spaces", { ...(name ? { name } : {}), from }), (space) => `${space.name} is there.`);
    event.currentTarget.reset();
  };
  return html`<header class="view-head"><h2>Spaces</h2><${Twins} links=${[["JSON", twin("/spaces")]]} /></header>
    <p>Each space has its own data, journal, faults, clock, ids and accounts. A request belongs to one by the header <code>X-Mock-Space</code>, by a host such as <code>NAME.localhost</code>, or by the account or app token that is bound to it.</p><${Failure} error=${error} />
    ${list.length > 0 && html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Name</th><th scope="col" class="right">Datasets</th><th scope="col" class="wide-only">Address</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${list.map((space) => html`<tr key=${space.name}><th scope="row" class="mono">${space.name} ${space.name === here && html`<${Mark} kind="info">shown here<//>`}</th><td class="right number">${count(space.datasets)}</td>
        <td class="mono break wide-only">${space.https} ${space.https && html`<${Copy} text=${space.https} label="Copy" quiet />`}</td>
        <td class="right nowrap"><a href=${`/__mock/${space.name === "default" ? "" : `?space=${encodeURIComponent(space.name)}`}`}>Look at it</a>
          ${space.name !== "default" && html`<button type="button" class="quiet danger" aria-label=${`Remove ${space.name}`} onClick=${() => ask({ title: `Remove the space ${space.name}?`, verb: "Remove", text: "Its data, journal, faults and accounts are lost.", run: () => act(() => remove(path(["spaces", space.name])), `${space.name} is removed.`) })}><${Icon} name="trash" /></button>`}</td></tr>`)}</tbody></table></div>`}
    <form class="form" onSubmit=${add}><${Field} label="Name"><input name="name" placeholder="given if empty" pattern="[a-z0-9\\-]+" /><//>
      <${Field} label="With"><select name="from"><option value="seed">the seed's data</option><option value="empty">no data</option><option value="current">the data of now</option></select><//><button>Make a space</button></form>${said}${question}`;
}
