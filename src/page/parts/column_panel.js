// What is in one column: facts, a chart, the most frequent values, each of which is a filter.
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { statisticsOf } from "../lib/stats.js";
import { count, plural } from "../lib/format.js";
import { cell } from "../lib/cell.js";
import { both, identifier } from "../lib/soql.js";
import { toggled, withoutChoice } from "../lib/conditions.js";
import { Copy, Failure, Icon } from "./basics.js";
import { Histogram, ValueBars } from "./bars.js";

/** The statistics of a column under a filter. */
export function useStatistics(dataset, column, filter, version) {
  const [state, setState] = useState({ loading: true });
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true, error: undefined }));
    statisticsOf(dataset, column, filter, version, abort.signal).then(
      (data) => setState({ data }),
      (error) => error.name !== "AbortError" && setState({ error }),
    );
    return () => abort.abort();
  }, [dataset.id, column.fieldName, filter.where, filter.search, version]);
  return state;
}

/** Beside the grid. Values are counted without the choice among them, so that other ones can be added to it. */
export function ColumnPanel({ dataset, column, filter, version, onWhere, onClose }) {
  const { rest, choice } = useMemo(() => withoutChoice(filter.where, column.fieldName), [filter.where, column.fieldName]);
  const open = useMemo(() => ({ ...filter, where: rest }), [rest, filter.search]);
  const { data, error } = useStatistics(dataset, column, open, version);
  const toggle = (item, not) => onWhere(toggled(filter.where, column.fieldName, item.literal, not));
  const onEscape = (event) => {
    if (event.key === "Escape") onClose();
  };
  return html`<aside class="panel" aria-label=${`Values of ${column.name}`} onKeyDown=${onEscape}>
    <header><h2><bdi>${column.name}</bdi></h2>
      <button type="button" class="quiet" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    <p class="facts"><span class="mono">${column.fieldName}</span><span>${column.dataTypeName}</span>
      <${Copy} text=${column.fieldName} label="Copy name" quiet /></p>
    ${column.description && html`<p class="faint">${column.description}</p>`}
    <${Failure} error=${error} />
    ${!data && !error && html`<p class="loading" role="status">Counting</p>`}
    ${data && html`<${Facts} column=${column} data=${data} />`}
    ${data?.bins && html`<${Histogram} bins=${data.bins} label=${`Distribution of ${column.name}`} onPick=${(bin) => onWhere(both(filter.where, bin.condition))} />`}
    ${data?.values?.length > 0 && html`<h3>${data.different > data.values.length ? `Most frequent of ${count(data.different)} values` : "Values"}</h3>
      <${ValueBars} label=${`Values of ${column.name}`} items=${data.values} total=${data.total} choice=${choice} onPick=${(item) => item.condition && toggle(item, false)} onExclude=${(item) => item.condition && toggle(item, true)} />`}
    ${choice && html`<p><button type="button" onClick=${() => onWhere(rest)}>All values again</button></p>`}
    ${data?.empty > 0 && data.filled > 0 && !choice && html`<p><button type="button" onClick=${() => onWhere(both(filter.where, `${identifier(column.fieldName)} IS NOT NULL`))}>Only rows with a value</button></p>`}
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
