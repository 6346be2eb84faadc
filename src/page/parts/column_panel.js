// What is in one column: facts, a chart, the most frequent values, each of which is a filter.
import { html, useEffect, useState } from "../lib/html.js";
import { statistics } from "../lib/stats.js";
import { count, plural } from "../lib/format.js";
import { cell } from "../lib/cell.js";
import { identifier } from "../lib/soql.js";
import { Copy, Failure, Icon } from "./basics.js";
import { Histogram, ValueBars } from "./bars.js";

/** The statistics of a column under a filter. */
export function useStatistics(dataset, column, filter, version) {
  const [state, setState] = useState({ loading: true });
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true, error: undefined }));
    statistics(dataset, column, filter, abort.signal).then(
      (data) => setState({ data }),
      (error) => error.name !== "AbortError" && setState({ error }),
    );
    return () => abort.abort();
  }, [dataset.id, column.fieldName, filter.where, filter.search, version]);
  return state;
}

/** Beside the grid. */
export function ColumnPanel({ dataset, column, filter, version, onFilter, onClose }) {
  const { data, error } = useStatistics(dataset, column, filter, version);
  return html`<aside class="panel" aria-label=${`Values of ${column.name}`}>
    <header><h2><bdi>${column.name}</bdi></h2>
      <button type="button" class="quiet" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    <p class="facts"><span class="mono">${column.fieldName}</span><span>${column.dataTypeName}</span>
      <${Copy} text=${column.fieldName} label="Copy name" quiet /></p>
    ${column.description && html`<p class="faint">${column.description}</p>`}
    <${Failure} error=${error} />
    ${!data && !error && html`<p class="loading" role="status">Counting</p>`}
    ${data && html`<${Facts} column=${column} data=${data} />`}
    ${data?.bins && html`<${Histogram} bins=${data.bins} label=${`Distribution of ${column.name}`} onPick=${(bin) => onFilter(bin.condition)} />`}
    ${data?.values?.length > 0 && html`<h3>${data.different > data.values.length ? `Most frequent of ${count(data.different)} values` : "Values"}</h3>
      <${ValueBars} label=${`Values of ${column.name}`} items=${data.values} total=${data.total} onPick=${(item) => item.condition && onFilter(item.condition)} />`}
    ${data?.empty > 0 && data.filled > 0 && html`<p><button type="button" onClick=${() => onFilter(`${identifier(column.fieldName)} IS NOT NULL`)}>Only rows with a value</button></p>`}
  </aside>`;
}

function Facts({ column, data }) {
  const line = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="pairs">
    ${line("Filled", html`${count(data.filled)} <span class="faint">of ${plural(data.total, "row")}</span>`)}
    ${data.different !== undefined && data.values && line("Different", count(data.different))}
    ${data.low !== undefined && line("Least", cell(data.low, column.soqlType))}
    ${data.high !== undefined && line("Greatest", cell(data.high, column.soqlType))}
    ${data.mean !== undefined && line("Mean", html`<span class="number">${Number(Number(data.mean).toPrecision(6))}</span>`)}
  </dl>`;
}
