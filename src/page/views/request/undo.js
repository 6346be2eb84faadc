// "Undo" of one write.
import { html, useState } from "../../lib/html.js";
import { address } from "../../lib/route.js";
import { count, plural } from "../../lib/format.js";
import { takeBack } from "../../lib/undo.js";
import { Failure, Icon } from "../../parts/basics.js";
import { Counts } from "../requests/counts.js";

/** So many of the rows that changed since are named. */
const NAMED = 10;

export function Undo({ entry }) {
  const [state, setState] = useState({});
  const { done, error, busy } = state;
  const conflict = error?.code === "undo_conflict" ? error.body : undefined;
  const run = () => {
    setState({ busy: true, error });
    takeBack(entry.id, Boolean(conflict)).then((answer) => setState({ done: answer }), (refusal) => setState({ error: refusal }));
  };
  if (done) return html`<p role="status" class="said">Taken back by <a href=${address(["requests", done.request])}>request ${done.request}</a>: <${Counts} rows=${done.report} /></p>`;
  return html`<section aria-label="Undo"><p>${plural(entry.rows.created + entry.rows.updated + entry.rows.deleted, "row")} become as they were before, by a write of its own.</p>
    ${conflict ? html`<p class="failure" role="alert">${plural(conflict.count, "row")} changed since: <span class="mono">${conflict.rows.slice(0, NAMED).join(", ")}</span>${conflict.count > NAMED ? `, and ${count(conflict.count - NAMED)} more` : ""}. Those changes are lost with the undo.</p>`
      : html`<${Failure} error=${error} />`}
    <p class="after-field"><button type="button" class="main" disabled=${busy} onClick=${run}><${Icon} name="undo" />${conflict ? "Undo all the same" : "Undo this write"}</button></p></section>`;
}
