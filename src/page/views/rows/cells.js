// What can be done with one cell.
import { literal } from "../../lib/soql.js";
import { choiceOf, conjuncts, toggled } from "../../lib/conditions.js";
import { withoutSystemFields } from "../../lib/copy.js";
import { isGeometry } from "../../lib/cell.js";
import { cut } from "../../lib/format.js";
import { textOf } from "./value.js";

const copy = (text) => navigator.clipboard?.writeText(text);
const COMPARABLE = new Set(["text", "number", "boolean", "floating_timestamp", "fixed_timestamp", "double"]);

/** The items of a cell's menu. */
export function cellItems(row, column, { where, setWhere, openRow, showWhole, assertRow, more }) {
  const value = row[column.id];
  const none = value === undefined || value === null;
  const comparable = COMPARABLE.has(column.type) && !isGeometry(column.type);
  const text = none ? "null" : cut(String(value), 24);
  const filter = (not) => () => setWhere(chosen(where, column, value, not));
  return [
    (comparable || none) && { text: "Only rows with this value", note: text, action: filter(false) },
    (comparable || none) && { text: "Without rows of this value", note: text, action: filter(true) },
    null,
    { text: "Copy the value", note: "Ctrl C", disabled: none, action: () => copy(textOf(value, column.type)) },
    { text: "Copy the row as JSON", action: () => copy(JSON.stringify(withoutSystemFields(row), null, 2)) },
    { text: "Show the whole value", note: "Space", disabled: none, action: () => showWhole(row, column) },
    null,
    { text: "Open the row", note: "Enter", action: () => openRow(row) },
    { text: "Assert this row", action: () => assertRow(row) },
    ...more(row, column),
  ];
}

/** The filter with only this value of a column, or with this one excluded beside those that are. */
function chosen(where, column, value, not) {
  const own = literal(value, column.type);
  const rest = conjuncts(where).filter((text) => choiceOf(text)?.name !== column.id || (not && choiceOf(text).not));
  const kept = rest.map((text) => choiceOf(text)).find((choice) => choice?.name === column.id);
  const there = kept && (own === undefined ? kept.empty && !kept.values.length : kept.values.includes(own));
  return there ? where : toggled(rest.join(" AND "), column.id, own, not);
}

/** Keys of the active cell; true when one was taken. */
export function onCellKey(event, row, column, { showWhole, onEditKey }) {
  if (!row || !column) return false;
  if (onEditKey?.(event, row, column)) return true;
  if ((event.ctrlKey || event.metaKey) && event.key === "c" && !String(getSelection())) {
    copy(textOf(row[column.id], column.type));
    return true;
  }
  if (event.key === " ") {
    showWhole(row, column);
    return true;
  }
  return false;
}
