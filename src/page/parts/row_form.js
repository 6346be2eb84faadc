// A row in fields, one a column.
import { html, useState } from "../lib/html.js";
import { isStructure, typed, valueOf } from "../lib/edit.js";
import { plain } from "../lib/cell.js";
import { Account } from "./account.js";
import { Dialog, Failure } from "./basics.js";

const HINTS = { floating_timestamp: "2025-01-31T12:00:00", fixed_timestamp: "2025-01-31T12:00:00Z", number: "1.5", point: '{"type":"Point","coordinates":[-122.3,47.6]}', url: '{"url":"https://example.com","description":"…"}' };

/**
 * `row` is the present one, or undefined for a new one; `onSave(fields)` gets those that were changed and answers a promise;
 * the window stays open while that fails.
 */
export function RowForm({ dataset, row, onSave, onClose }) {
  const columns = dataset.columns.filter(({ fieldName }) => !fieldName.startsWith(":"));
  const [texts, setTexts] = useState(() => Object.fromEntries(columns.map((column) => [column.fieldName, typed(row?.[column.fieldName])])));
  const [error, setError] = useState(null);
  const changed = columns.filter((column) => texts[column.fieldName] !== typed(row?.[column.fieldName]));
  const save = async (event) => {
    event.preventDefault();
    try {
      await onSave(Object.fromEntries(changed.map((column) => [column.fieldName, valueOf(texts[column.fieldName], column.soqlType)])));
      onClose();
    } catch (refusal) {
      setError(refusal);
    }
  };
  const set = (name) => (event) => setTexts({ ...texts, [name]: event.currentTarget.value });
  return html`<${Dialog} title=${row ? "Change the row" : "Add a row"} wide onClose=${onClose}><form class="row-form" onSubmit=${save}>
    <div class="form"><${Account} label="Write as" /></div>
    <div class="row-fields">${columns.map((column) => html`<${FieldOf} key=${column.fieldName} column=${column} text=${texts[column.fieldName]} set=${set(column.fieldName)} fixed=${row && column.fieldName === dataset.row_identifier} />`)}</div>
    <p class="faint">A field that is left empty is null.</p><${Failure} error=${error} />
    <div class="actions"><button class="main" disabled=${!changed.length}>${row ? "Save" : "Add"}</button><button type="button" onClick=${onClose}>Cancel</button></div></form><//>`;
}

function FieldOf({ column, text, set, fixed }) {
  const { soqlType: type } = column;
  const name = html`<span><bdi>${column.name}</bdi> <small class="mono">${column.fieldName} · ${type}</small></span>`;
  if (fixed) return html`<label class="field">${name}<input value=${text} disabled title="The row identifier says which row it is" /></label>`;
  if (type === "boolean") return html`<label class="field">${name}<select value=${text} onChange=${set}><option value="">null</option><option>true</option><option>false</option></select></label>`;
  if (isStructure(type) || text.length > 80) return html`<label class="field wide">${name}<textarea class="mono" rows="2" spellcheck=${false} value=${text} placeholder=${HINTS[type]} onInput=${set}></textarea></label>`;
  return html`<label class="field">${name}<input value=${text} placeholder=${HINTS[type]} onInput=${set} /></label>`;
}

/** The value in a cell of the grid while it is changed; Enter stores it, Escape leaves it. */
export function CellEditor({ column, value, start, onSave, onCancel }) {
  const text = start ?? typed(value);
  const keys = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      onSave(event.currentTarget.value);
    } else if (event.key === "Escape") onCancel();
  };
  const focus = (element) => {
    if (!element || element === document.activeElement) return;
    element.focus({ preventScroll: true });
    if (start === undefined) element.select?.();
  };
  const properties = { ref: focus, "aria-label": `New value of ${column.label}`, onKeyDown: keys, onBlur: onCancel, onMouseDown: (event) => event.stopPropagation(), onDblClick: (event) => event.stopPropagation() };
  if (column.type === "boolean") return html`<select ...${properties} class="cell-editor" value=${plain(value)} onChange=${(event) => onSave(event.currentTarget.value)}><option value="">null</option><option>true</option><option>false</option></select>`;
  return html`<input ...${properties} class="cell-editor" value=${text} placeholder="null" />`;
}
