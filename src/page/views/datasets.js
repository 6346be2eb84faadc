// All datasets.
import { html } from "../lib/html.js";
import { twin } from "../lib/api.js";
import { useGet } from "../lib/reading.js";
import { useWrites } from "../lib/writes.js";
import { address, go } from "../lib/route.js";
import { count, plural } from "../lib/format.js";
import { Ago, Failure, Icon, Mark, Twins } from "../parts/basics.js";
import { dropHandlers, leaveFile } from "./new/dropped.js";
import { Start } from "./start.js";

const openFile = (file) => {
  leaveFile(file);
  go(address(["datasets", "new"]));
};

/** `/__mock/`: the datasets, or what to do when there are none. */
export function Datasets() {
  const { data, error, reload } = useGet("/datasets");
  useWrites(undefined, reload);
  if (error) return html`<${Failure} error=${error} again=${reload} />`;
  if (!data) return html`<p class="loading" role="status">Loading</p>`;
  if (!data.length) return html`<${Start} empty=${true} />`;
  const rows = data.reduce((sum, dataset) => sum + dataset.rows, 0);
  return html`<section class="page-width" ...${dropHandlers(openFile)}>
    <header class="view-head"><div><h1>Datasets</h1><p class="faint">${plural(data.length, "dataset")}, ${plural(rows, "row")}</p></div>
      <div class="actions"><a class="button" href=${address(["datasets", "new"])}><${Icon} name="plus" />New from a file</a><${Twins} links=${[["JSON", twin("/datasets")]]} /></div></header>
    <div class="table-wrap"><table class="list">
      <thead><tr><th scope="col">Name</th><th scope="col">Id</th><th scope="col" class="right">Rows</th><th scope="col" class="right wide-only">Columns</th>
        <th scope="col" class="wide-only">Row identifier</th><th scope="col" class="right wide-only">Data version</th><th scope="col">Last write</th></tr></thead>
      <tbody>${data.map((dataset) => html`<${Line} key=${dataset.id} dataset=${dataset} />`)}</tbody>
    </table></div>
  </section>`;
}

function Line({ dataset }) {
  const href = address(["datasets", dataset.id]);
  return html`<tr class="pick" onClick=${(event) => !event.target.closest("a") && !String(getSelection()) && go(href)}>
    <th scope="row"><a href=${href}><bdi>${dataset.name || dataset.id}</bdi></a>
      ${!dataset.public && html` <${Mark} kind="quiet"><${Icon} name="lock" />private<//>`}
      ${dataset.stage !== "published" && html` <${Mark} kind="warn">working copy<//>`}</th>
    <td class="mono">${dataset.id}${dataset.resourceName && html`<br /><span class="faint">${dataset.resourceName}</span>`}</td>
    <td class="right number">${count(dataset.rows)}</td>
    <td class="right number wide-only">${count(dataset.columns_count)}</td>
    <td class="mono wide-only">${dataset.row_identifier ?? html`<span class="faint">:id</span>`}</td>
    <td class="right number wide-only">${count(dataset.data_version)}</td>
    <td><${Ago} iso=${dataset.rows_updated_at} /></td>
  </tr>`;
}
