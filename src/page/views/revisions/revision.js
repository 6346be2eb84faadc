// One revision: its sources, what comes out of them, the steps of the plan, and how it was applied.
import { html, useCallback, useEffect, useState } from "../../lib/html.js";
import { address } from "../../lib/route.js";
import { bytes, clockTime, plural, time } from "../../lib/format.js";
import { COLOURS, apply, discard, readRevision, schemasOf, stateOf } from "../../lib/revisions.js";
import { Failure, Icon, Mark } from "../../parts/basics.js";
import { useConfirm } from "../../parts/confirm.js";
import { Schema } from "./schema.js";

export function Revision({ dataset, account, seq, onApplied }) {
  const [state, setState] = useState({});
  const [failed, setFailed] = useState(null);
  const [ask, question] = useConfirm();
  const read = useCallback(() => readRevision(account, dataset.id, seq).then(setState, (error) => setState({ error })), [account, dataset.id, seq]);
  useEffect(() => void read(), [read]);
  const { revision, sources, plan, error } = state;
  if (error) return html`<${Failure} error=${error} again=${read} />`;
  if (!revision) return html`<p class="loading" role="status">Loading</p>`;
  const act = (run) => () => run(account, dataset.id, seq).then(() => setFailed(null), setFailed).then(read).then(onApplied);
  const isOpen = stateOf(revision) === "open";
  return html`<nav class="crumbs" aria-label="Place"><a href=${address(["datasets", dataset.id, "revisions"])}>Revisions</a><${Icon} name="right" /><span>revision ${seq}</span></nav>
    <header class="view-head"><div><h2>Revision ${seq}</h2><p class="facts"><${Mark} kind=${COLOURS[stateOf(revision)]}>${stateOf(revision)}<//><span>${revision.action?.type}</span><span>by ${revision.created_by?.display_name}</span><span>${time(revision.created_at)}</span></p></div>
      ${isOpen && html`<div class="actions"><button type="button" class="main" onClick=${act(apply)}><${Icon} name="play" />Apply</button>
        <button type="button" class="danger" onClick=${() => ask({ title: `Discard revision ${seq}?`, verb: "Discard", text: "It is closed without a change to the dataset, and cannot be opened again.", run: act(discard) })}>Discard</button></div>`}</header>
    <${Failure} error=${failed} />
    <h3>Sources</h3>${sources.length ? sources.map((source) => html`<${Source} key=${source.id} source=${source} dataset=${dataset} account=${account} seq=${seq} isOpen=${isOpen} onChanged=${read} />`) : html`<p class="faint">None: only metadata is changed.</p>`}
    <h3>Plan</h3><ol class="steps">${plan.map((step) => html`<li><span class="mono">${step.type}</span></li>`)}</ol>
    <h3>Applied</h3>${revision.task_sets.length ? revision.task_sets.map((set) => html`<${TaskSet} key=${set.id} set=${set} />`) : html`<p class="faint">Not yet.</p>`}${question}`;
}

function Source({ source, dataset, account, seq, isOpen, onChanged }) {
  const { input, output } = schemasOf(source);
  const failure = source.failure_details;
  return html`<section aria-label=${`Source ${source.id}`}><p class="facts"><b>${source.source_type.filename ?? source.source_type.type}</b><span>${source.source_type.type}</span>
      ${source.content_type && html`<span class="mono">${source.content_type}</span>`}${source.filesize > 0 && html`<span>${bytes(source.filesize)}</span>`}
      ${input && html`<span>${plural(input.total_rows ?? 0, "row")}</span>`}${input?.num_row_errors > 0 && html`<${Mark} kind="bad">${plural(input.num_row_errors, "row")} malformed<//>`}
      ${!source.finished_at && !source.failed_at && html`<${Mark} kind="warn">waits for its bytes<//>`}</p>
    ${source.failed_at && html`<div class="failure" role="alert"><strong>${failure?.message ?? "The source could not be read."}</strong><p class="faint mono">${failure?.key}</p></div>`}
    ${output && html`<${Schema} key=${input.id} source=${source} input=${input} schema=${output} dataset=${dataset} account=${account} seq=${seq} isOpen=${isOpen} onChanged=${onChanged} />`}</section>`;
}

function TaskSet({ set }) {
  return html`<p class="facts"><${Mark} kind=${set.status === "failure" ? "bad" : set.finished_at ? "good" : "info"}>${set.status}<//><span>${time(set.created_at)}</span></p>
    <ol class="steps">${set.log.map(({ stage, time: at, details }) => html`<li><span class="faint number">${clockTime(at)}</span> <span class="mono">${stage}</span>${details && Object.keys(details).length > 0 && html` <span class="faint break">${JSON.stringify(details)}</span>`}</li>`)}</ol>`;
}
