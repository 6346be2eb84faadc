// Changing rows where they stand: each change is an upsert by the emulated API, as the account that was chosen.
import { html, useState } from "../../lib/html.js";
import { isStructure, nameOf, removeRow, upsert, valueOf } from "../../lib/edit.js";
import { takeBack } from "../../lib/undo.js";
import { address } from "../../lib/route.js";
import { CellEditor, RowForm } from "../../parts/row_form.js";
import { Account, useAccount } from "../../parts/account.js";
import { Failure, Icon, Switch } from "../../parts/basics.js";
import { Counts } from "../requests/counts.js";

/** `{ on, editor, tools, said, items, onKey, start, form }`: what the grid and the toolbar draw of it. */
export function useEditing(dataset) {
  const [on, setOn] = useState(false);
  const [account] = useAccount();
  const [cell, setCell] = useState(null);
  const [form, setForm] = useState(null);
  const [outcome, setOutcome] = useState(null);
  const told = (verb) => (done) => setOutcome({ ...done, verb });
  const failed = (error) => setOutcome({ error });
  const fixed = (column) => column.id === dataset.row_identifier || column.id.startsWith(":");
  const leave = () => {
    setCell(null);
    document.querySelector(".rows .grid")?.focus({ preventScroll: true });
  };
  const write = (row, verb) => upsert(account, dataset, row).then(told(verb), failed);
  const start = (row, column, text) => {
    if (fixed(column)) setOutcome({ error: new Error(column.id.startsWith(":") ? `${column.id} is given by the server.` : `${column.label} identifies the row. Add a row with the new value and delete this one.`) });
    else if (isStructure(column.type)) setForm({ row });
    else setCell({ row, column, text });
  };
  const save = (text) => {
    const { row, column } = cell;
    leave();
    if (text !== String(row[column.id] ?? "")) void write({ ...nameOf(dataset, row), [column.id]: valueOf(text, column.type) }, "Stored");
  };
  const remove = (row) => removeRow(account, dataset, row).then(told("Deleted"), failed);
  const items = (row, column) => [null,
    { text: "Change the value", note: on ? "F2" : undefined, disabled: fixed(column), action: () => { setOn(true); start(row, column); } },
    { text: "Set to null", disabled: fixed(column) || row[column.id] === undefined || row[column.id] === null, action: () => write({ ...nameOf(dataset, row), [column.id]: null }, "Stored") },
    { text: "Change the row", action: () => setForm({ row }) },
    { text: "Delete the row", danger: true, action: () => remove(row) }];
  const onKey = (event, row, column) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "F2" || event.key === "Enter") start(row, column);
    else if (event.key === "Delete") void (fixed(column) ? start(row, column) : write({ ...nameOf(dataset, row), [column.id]: null }, "Stored"));
    else if (event.key.length === 1 && event.key !== " " && !isStructure(column.type) && !fixed(column) && column.type !== "boolean") start(row, column, event.key);
    else return false;
    return true;
  };
  const undo = () => takeBack(outcome.request).then(told("Taken back"), failed);
  const editor = cell && html`<${CellEditor} key=${`${cell.column.id} ${cell.row[":id"] ?? ""}`} column=${cell.column} value=${cell.row[cell.column.id]} start=${cell.text} onSave=${save} onCancel=${leave} />`;
  const tools = html`<${Switch} label="Edit" title="Change cells by double click, F2 or typing" checked=${on} onChange=${setOn} />
    <button type="button" onClick=${() => setForm({})}><${Icon} name="plus" />Add a row</button>${on && html`<${Account} label="As" />`}`;
  const said = outcome && html`<div class="edit-said" role="status">${outcome.error ? html`<${Failure} error=${outcome.error} />` : html`<span class="said">${outcome.verb} by <a href=${address(["requests", outcome.request])}>request ${outcome.request}</a> <${Counts} rows=${outcome.report} /></span>
      ${outcome.verb !== "Taken back" && html`<button type="button" onClick=${undo}><${Icon} name="undo" />Undo</button>`}`}
    <button type="button" class="quiet" aria-label="Close this message" onClick=${() => setOutcome(null)}><${Icon} name="close" /></button></div>`;
  const store = async (fields) => told(form.row ? "Stored" : "Added")(await upsert(account, dataset, form.row ? { ...nameOf(dataset, form.row), ...fields } : fields));
  const dialog = form && html`<${RowForm} dataset=${dataset} row=${form.row} onSave=${store} onClose=${() => setForm(null)} />`;
  return { on, editor, tools, said, items, onKey, start, form: dialog };
}
