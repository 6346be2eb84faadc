// What comes out of a source: its columns with their transforms, and a column's rows before and after.
import { classes, html, useEffect, useState } from "../../lib/html.js";
import { plural } from "../../lib/format.js";
import { changeTransform, inputRows, sampleRows } from "../../lib/revisions.js";
import { Failure, Field, Icon, Mark, Switch } from "../../parts/basics.js";

/** A value of a cell as text. */
const shown = (value) => (value === null || value === undefined ? html`<i class="faint">null</i>` : html`<bdi>${typeof value === "object" ? JSON.stringify(value) : String(value)}</bdi>`);

export function Schema({ source, input, schema, dataset, account, seq, isOpen, onChanged }) {
  const first = schema.output_columns.find(({ transform }) => transform.error_count > 0) ?? schema.output_columns[0];
  const [chosen, choose] = useState(first?.field_name);
  const column = schema.output_columns.find((item) => item.field_name === chosen);
  return html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Transform</th><th scope="col">Errors</th></tr></thead>
    <tbody>${schema.output_columns.map(({ id, display_name: name, field_name: field, is_primary_key: isKey, transform }) => html`<tr key=${id} class=${classes(field === chosen && "chosen")}><th scope="row"><button type="button" class="quiet" aria-pressed=${field === chosen} onClick=${() => choose(field)}><bdi>${name}</bdi></button> ${isKey && html`<${Icon} name="key" />`}<br /><small class="mono faint">${field}</small></th>
      <td class="mono">${transform.output_soql_type}</td><td class="mono break">${transform.transform_expr}</td><td>${transform.error_count > 0 && html`<${Mark} kind="bad">${plural(transform.error_count, "cell")}<//>`}</td></tr>`)}</tbody></table></div>
    ${column && html`<${Transform} key=${`${schema.id} ${column.id}`} ...${{ source, input, schema, column, dataset, account, seq, isOpen, onChanged }} />`}`;
}

function Transform({ source, input, schema, column, dataset, account, seq, isOpen, onChanged }) {
  const [onlyErrors, setOnlyErrors] = useState(column.transform.error_count > 0);
  const [state, setState] = useState({});
  const [before, setBefore] = useState(null);
  const [refused, setRefused] = useState(null);
  useEffect(() => {
    let left = false;
    sampleRows(account, source, schema, onlyErrors).then((rows) => left || setState({ rows }), (error) => left || setState({ error }));
    return () => void (left = true);
  }, [account, schema.id, onlyErrors]);
  useEffect(() => {
    let left = false;
    // Without the file the cells with an error still say what went in.
    inputRows(account, dataset.id, seq, source).then((rows) => left || setBefore(rows), () => {});
    return () => void (left = true);
  }, [account, source.id]);
  const inputs = input.input_columns.filter(({ id }) => column.transform.transform_input_columns.some(({ input_column_id: used }) => used === id));
  const change = (event) => {
    event.preventDefault();
    const { transform } = Object.fromEntries(new FormData(event.currentTarget));
    changeTransform(account, source, schema, column, transform).then(() => onChanged(), setRefused);
  };
  return html`<section aria-label=${`Transform of ${column.display_name}`}><h4><bdi>${column.display_name}</bdi></h4>
    ${isOpen && html`<form class="form" onSubmit=${change}><label class="field grow"><span>Transform</span><input name="transform" class="mono" required spellcheck=${false} value=${column.transform.transform_expr} /></label><button>Change</button></form>`}
    <${Failure} error=${refused ?? state.error} />
    ${column.transform.error_count > 0 && html`<${Switch} label="Only rows with errors" checked=${onlyErrors} onChange=${setOnlyErrors} />`}
    ${state.rows && html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col" class="right">Row</th>${inputs.map((item) => html`<th scope="col">${item.display_name} <small class="faint">before</small></th>`)}<th scope="col">${column.display_name} <small class="faint">after</small></th></tr></thead>
      <tbody>${state.rows.map(({ offset, row }) => html`<${Sample} key=${offset} offset=${offset} cell=${row[column.position - 1]} record=${before?.[offset]} inputs=${inputs} />`)}</tbody></table></div>`}</section>`;
}

function Sample({ offset, cell, record, inputs }) {
  const sent = (item) => cell.error?.inputs?.[item.field_name]?.ok ?? record?.[item.position - 1];
  return html`<tr><th scope="row" class="right number faint">${offset}</th>${inputs.map((item) => html`<td class="break before">${sent(item) === undefined ? "" : shown(sent(item))}</td>`)}
    <td class="break after">${cell.error ? html`<${Mark} kind="bad">${cell.error.message.type ?? "error"}<//> ${cell.error.message.english ?? String(cell.error.message)}` : shown(cell.ok)}</td></tr>`;
}
