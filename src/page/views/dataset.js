// One dataset: its head and the tabs below it.
import { html } from "../lib/html.js";
import { twin } from "../lib/api.js";
import { useGet } from "../lib/reading.js";
import { address } from "../lib/route.js";
import { count } from "../lib/format.js";
import { isGeometry } from "../lib/cell.js";
import { Ago, Failure, Icon, Mark, Tabs, Twins } from "../parts/basics.js";
import { Rows } from "./rows/index.js";
import { Columns } from "./columns.js";
import { Row } from "./row.js";
import { Changes } from "./changes.js";
import { Lazy } from "../parts/lazy.js";

/** A tab that is loaded when it is first shown. */
const later = (name, load, part) => (properties) => html`<${Lazy} name=${name} load=${load} part=${part} ...${properties} />`;

const VIEWS = {
  rows: Rows, columns: Columns, changes: Changes, row: Row,
  map: later("map", () => import("./map.js"), "DatasetMap"),
  revisions: later("revisions", () => import("./revisions/index.js"), "Revisions"),
  api: later("endpoints", () => import("./endpoints.js"), "Endpoints"),
  "as-of": later("as-of", () => import("./as_of.js"), "AsOf"),
};

/** `/__mock/datasets/{4x4}/{tab}`. */
export function Dataset({ id, tab = "rows", rest, params }) {
  const { data, error, reload } = useGet(`/datasets/${encodeURIComponent(id)}`);
  if (error) return html`<${Failure} error=${error} />`;
  if (!data) return html`<p class="loading" role="status">Loading</p>`;
  const View = VIEWS[tab] ?? Rows;
  const filter = { where: params.where, q: params.q };
  const tabs = [
    ["rows", "Rows", address(["datasets", id], filter)],
    ["columns", "Columns", address(["datasets", id, "columns"])],
    data.columns.some((column) => isGeometry(column.soqlType) || column.soqlType === "location") && ["map", "Map", address(["datasets", id, "map"], filter)],
    ["changes", "Changes", address(["datasets", id, "changes"])],
    ["revisions", "Revisions", address(["datasets", id, "revisions"])],
    ["api", "Endpoints", address(["datasets", id, "api"])],
  ].filter(Boolean);
  return html`<section class=${`dataset tab-${tab}`}>
    <${DatasetHead} dataset=${data} />
    <${Tabs} label="Dataset" tabs=${tabs} active=${tab === "as-of" ? "changes" : tab === "row" ? "rows" : tab} />
    <${View} key=${id} dataset=${data} params=${params} rest=${rest} reload=${reload} />
  </section>`;
}

function DatasetHead({ dataset }) {
  const base = `/datasets/${dataset.id}`;
  return html`<header class="view-head">
    <div><h1><bdi>${dataset.name || dataset.id}</bdi></h1>
      <p class="facts"><span class="mono">${dataset.id}</span>
        <span><b class="number">${count(dataset.rows)}</b> rows</span>
        <span title="Row identifier"><${Icon} name="key" /> <span class="mono">${dataset.row_identifier ?? ":id"}</span></span>
        <span>version <b class="number">${count(dataset.data_version)}</b></span>
        <span>written <${Ago} iso=${dataset.rows_updated_at} /></span>
        ${!dataset.public && html`<${Mark} kind="quiet"><${Icon} name="lock" />private<//>`}
        ${dataset.stage !== "published" && html`<${Mark} kind="warn">working copy<//>`}</p></div>
    <${Twins} label="Dataset" links=${[["Schema", twin(base)], ["All rows as JSON", twin(`${base}/rows?format=json`)], ["CSV", twin(`${base}/rows?format=csv`), `${dataset.id}.csv`]]} />
  </header>`;
}
