// The schema: types, names, row identifier, and what is in each column.
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { count, cut } from "../lib/format.js";
import { address, go } from "../lib/route.js";
import { both } from "../lib/soql.js";
import { plain } from "../lib/cell.js";
import { Copy, Icon } from "../parts/basics.js";
import { Histogram, ValueBars } from "../parts/bars.js";
import { useStatistics } from "../parts/column_panel.js";

const NO_FILTER = {};

/** The tab "Columns". */
export function Columns({ dataset }) {
  return html`<div class="page-width columns-list">
    <p class="faint">${count(dataset.columns.length)} columns, schema version ${dataset.schema_version}.${" "}
      ${dataset.row_identifier ? html`Rows are identified by <code>${dataset.row_identifier}</code>.` : html`No column identifies rows; they are known by <code>:id</code>.`}</p>
    <div class="table-wrap"><table class="list top">
      <thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Values</th><th scope="col" class="wide-only">Facts</th></tr></thead>
      <tbody>${dataset.columns.map((column) => html`<${Line} key=${column.fieldName} dataset=${dataset} column=${column} />`)}</tbody>
    </table></div></div>`;
}

function Line({ dataset, column }) {
  const place = useRef();
  const seen = useSeen(place);
  return html`<tr ref=${place}>
    <th scope="row"><bdi>${column.name}</bdi>${column.fieldName === dataset.row_identifier && html` <span title="Row identifier"><${Icon} name="key" /><span class="hidden">row identifier</span></span>`}
      <br /><span class="mono faint">${column.fieldName}</span> <${Copy} text=${column.fieldName} label="Copy" quiet />
      ${column.description && html`<p class="faint">${column.description}</p>`}</th>
    <td><span class="mono">${column.dataTypeName}</span>${column.dataTypeName !== column.soqlType && html`<br /><span class="mono faint">${column.soqlType}</span>`}</td>
    ${seen ? html`<${Values} dataset=${dataset} column=${column} />` : html`<td></td><td class="wide-only"></td>`}
  </tr>`;
}

const brief = (value, type) => cut(plain(value, type), 40) || "empty";

/** Whether the line has come into view; statistics of a long table are asked for only then. */
function useSeen(place) {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && setSeen(true), { rootMargin: "200px" });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return seen;
}

function Values({ dataset, column }) {
  const { data, error } = useStatistics(dataset, column, NO_FILTER, dataset.data_version);
  const filter = (item) => item.condition && go(address(["datasets", dataset.id], { where: both("", item.condition) }));
  if (error) return html`<td colspan="2" class="faint">${error.message}</td>`;
  if (!data) return html`<td colspan="2" class="faint">Counting</td>`;
  return html`<td class="chart-cell">${data.bins
    ? html`<${Histogram} bins=${data.bins} label=${`Distribution of ${column.name}`} height=${40} onPick=${filter} />`
    : data.values && html`<${ValueBars} items=${data.values.slice(0, 4)} total=${data.total} label=${`Values of ${column.name}`} onPick=${filter} />`}</td>
  <td class="wide-only"><span class="number">${count(data.filled)}</span> filled${data.empty > 0 && html`, <span class="number">${count(data.empty)}</span> null`}
    ${data.values && html`<br /><span class="number">${count(data.different)}</span> different`}
    ${data.low !== undefined && html`<br /><span class="faint"><bdi>${brief(data.low, column.soqlType)}</bdi> to <bdi>${brief(data.high, column.soqlType)}</bdi></span>`}</td>`;
}
