// The revisions of a dataset, and one of them.
import { html } from "../../lib/html.js";
import { address } from "../../lib/route.js";
import { path } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { COLOURS } from "../../lib/revisions.js";
import { count, plural } from "../../lib/format.js";
import { useWrites } from "../../lib/writes.js";
import { Ago, Empty, Failure, Mark } from "../../parts/basics.js";
import { Account, useAccount } from "../../parts/account.js";
import { Revision } from "./revision.js";

/** `/__mock/datasets/{4x4}/revisions` and `/__mock/datasets/{4x4}/revisions/{seq}`. */
export function Revisions({ dataset, rest, reload }) {
  const [account] = useAccount();
  const seq = rest[0];
  if (seq === undefined) return html`<section class="revisions"><${List} dataset=${dataset} /></section>`;
  return html`<section class="revisions"><div class="form"><${Account} label="As" /></div>
    ${account && html`<${Revision} key=${seq} dataset=${dataset} account=${account} seq=${seq} onApplied=${reload} />`}</section>`;
}

function List({ dataset }) {
  const { data, error, reload } = useGet(path(["revisions"], { dataset: dataset.id }));
  useWrites(dataset.id, reload);
  const list = data?.revisions;
  if (error) return html`<${Failure} error=${error} again=${reload} />`;
  if (!list) return html`<p class="loading" role="status">Loading</p>`;
  if (!list.length) return html`<${Empty} title="No revision yet."><p>A publisher makes one with <code>POST /api/publishing/v1/revision/${dataset.id}</code>.</p><//>`;
  return html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col" class="right">No.</th><th scope="col">State</th><th scope="col">What</th><th scope="col" class="right">Rows</th><th scope="col">Errors</th><th scope="col" class="wide-only">By</th><th scope="col" class="wide-only">Made</th></tr></thead>
    <tbody>${list.map((revision) => html`<tr key=${revision.revision_seq}><th scope="row" class="right number"><a href=${address(["datasets", dataset.id, "revisions", String(revision.revision_seq)])}>${revision.revision_seq}</a></th>
      <td><${Mark} kind=${COLOURS[revision.state]}>${revision.state}<//></td><td>${revision.action}</td><td class="right number">${count(revision.rows)}</td><td>${revision.row_errors > 0 && html`<${Mark} kind="bad">${plural(revision.row_errors, "cell")}<//>`}</td>
      <td class="wide-only break">${revision.created_by}</td><td class="wide-only"><${Ago} iso=${revision.created_at} /></td></tr>`)}</tbody></table></div>`;
}
