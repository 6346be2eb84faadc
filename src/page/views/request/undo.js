// "Undo" of one write.
import { html, useEffect, useState } from "../../lib/html.js";
import { useGet } from "../../lib/reading.js";
import { address } from "../../lib/route.js";
import { plural } from "../../lib/format.js";
import { changedSince, changesOf, takeBack } from "../../lib/undo.js";
import { Failure, Icon } from "../../parts/basics.js";
import { Account, useAccount } from "../../parts/account.js";
import { Counts } from "../requests/counts.js";

export function Undo({ entry }) {
  const { data: dataset } = useGet(`/datasets/${encodeURIComponent(entry.dataset)}`);
  const [plan, setPlan] = useState(null);
  const [state, setState] = useState({});
  const [account] = useAccount();
  useEffect(() => {
    changesOf(entry).then(async (found) => setPlan({ ...found, since: found.missing ? [] : await changedSince(entry, found.changes) }), (error) => setState({ error }));
  }, [entry]);
  const run = () => {
    setState({ busy: true });
    takeBack(account, dataset, plan.changes).then((done) => setState({ done }), (error) => setState({ error }));
  };
  if (state.done) return html`<p role="status" class="said">Taken back by <a href=${address(["requests", state.done.request])}>request ${state.done.request}</a>: <${Counts} rows=${state.done.report} /></p>`;
  if (!plan || !dataset) return html`<${Failure} error=${state.error} />`;
  if (plan.missing) return html`<p class="faint">${plan.missing} A snapshot from before it would bring the rows back.</p>`;
  return html`<section aria-label="Undo"><p>${plural(plan.changes.length, "row")} become as they were before, by a write of its own.</p>
    ${plan.since.length > 0 && html`<p class="failure">${plural(plan.since.length, "row")} changed since: <span class="mono">${plan.since.slice(0, 10).join(", ")}</span>${plan.since.length > 10 ? ", …" : ""}. Those changes are lost with the undo.</p>`}
    <div class="form"><${Account} /><button type="button" class="main" disabled=${state.busy || !account} onClick=${run}><${Icon} name="undo" />${plan.since.length ? "Undo all the same" : "Undo this write"}</button></div>
    <${Failure} error=${state.error} /></section>`;
}
