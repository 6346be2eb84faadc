// The first rows of a file under the columns that they will have; cells that would be refused are marked.
import { html } from "../../lib/html.js";
import { cut } from "../../lib/format.js";
import { isEmpty, takes } from "../../lib/guess.js";

const FIRST = 20;
/** Besides the first rows so many with refused cells are shown. */
const REFUSED = 30;

export function Preview({ table, columns, types, bad, onColumn }) {
  const shown = [...new Set([...Array.from({ length: Math.min(FIRST, table.rows.length) }, (_, at) => at), ...bad.cells.map(([at]) => at)])].slice(0, FIRST + REFUSED).sort((a, b) => a - b);
  return html`<div class="table-wrap preview" tabindex="0" role="region" aria-label="First rows"><table class="list"><thead><tr><th scope="col" class="right">Row</th>${columns.map((column, at) => html`<th scope="col" key=${at}><bdi>${column.name}</bdi>
      <input class="mono" aria-label=${`Field name of ${column.name}`} required pattern="[a-z_][a-z0-9_]*" value=${column.fieldName} onChange=${(event) => onColumn(at, { fieldName: event.currentTarget.value })} />
      <select aria-label=${`Type of ${column.name}`} value=${column.type} onChange=${(event) => onColumn(at, { type: event.currentTarget.value })}>${types.map((type) => html`<option>${type}</option>`)}</select></th>`)}</tr></thead>
    <tbody>${shown.map((at) => html`<tr key=${at}><td class="right number faint">${at + 1}</td>${columns.map((column, index) => html`<${Value} value=${table.rows[at][index]} type=${column.type} />`)}</tr>`)}</tbody></table></div>`;
}

function Value({ value, type }) {
  if (isEmpty(value)) return html`<td><span class="null">null</span></td>`;
  const text = cut(typeof value === "object" ? JSON.stringify(value) : String(value), 80);
  return takes(type, value) ? html`<td>${text}</td>` : html`<td class="refused" title=${`A column of type ${type} refuses this`}><bdi>${text}</bdi> <span class="hidden">refused</span></td>`;
}
