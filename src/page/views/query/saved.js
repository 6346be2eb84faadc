// Queries that this browser keeps: those with a name, and the last ones that were run.
import { html, useState } from "../../lib/html.js";
import { keep, kept, useKept } from "../../lib/kept.js";
import { address } from "../../lib/route.js";
import { cut } from "../../lib/format.js";
import { Field, Icon } from "../../parts/basics.js";

const SAVED = "queries";
const LAST = "last-queries";
const MOST_LAST = 30;
const MOST_SAVED = 200;

const same = (a, b) => a.soql === b.soql && a.sql === b.sql && a.dataset === b.dataset;
const textOf = (query) => query.soql ?? query.sql;
const link = ({ dataset, soql, sql }) => address(["query"], sql === undefined ? { dataset, soql } : { sql });

/** Keeps a query among the last ones. */
export function remember(query) {
  if (textOf(query)?.trim()) keep(LAST, [query, ...kept(LAST, []).filter((item) => !same(item, query))].slice(0, MOST_LAST));
}

export function Saved({ query }) {
  const [saved, setSaved] = useKept(SAVED, []);
  const [last] = useKept(LAST, []);
  const [name, setName] = useState("");
  const add = (event) => {
    event.preventDefault();
    setSaved([{ ...query, name }, ...saved.filter((item) => item.name !== name)].slice(0, MOST_SAVED));
    setName("");
  };
  const line = (item, end) => html`<li><a href=${link(item)}>${item.name ? html`<b>${item.name}</b> ` : ""}<span class="mono">${cut(textOf(item).replace(/\s+/g, " "), 120)}</span></a>
    <span class="faint mono">${item.dataset ?? "SQL"}</span>${end}</li>`;
  return html`<div class="saved"><form class="form" onSubmit=${add}><${Field} label="Save this query as"><input value=${name} required maxlength="80" onInput=${(event) => setName(event.currentTarget.value)} /><//><button>Save</button></form>
    ${saved.length > 0 && html`<h3>Saved</h3><ul class="queries" aria-label="Saved queries">${saved.map((item) => line(item, html`<button type="button" class="quiet danger" aria-label=${`Forget ${item.name}`} onClick=${() => setSaved(saved.filter((other) => other !== item))}><${Icon} name="trash" /></button>`))}</ul>`}
    ${last.length > 0 && html`<h3>Last run</h3><ul class="queries" aria-label="Last queries">${last.map((item) => line(item))}</ul>`}
    <p class="faint">Kept in this browser.</p></div>`;
}
