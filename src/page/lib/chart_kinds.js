// Which charts fit a result.
import { isNumeric, isTime } from "./cell.js";

/** The kinds of chart that columns allow, the fitting one first. */
export function kindsFor(columns) {
  const numbers = columns.filter((column) => isNumeric(column.type));
  const times = columns.filter((column) => isTime(column.type));
  const names = columns.filter((column) => !isNumeric(column.type) && !isTime(column.type));
  const kinds = [];
  if (numbers.length && times.length) kinds.push("line");
  if (numbers.length && names.length) kinds.push("bar");
  if (numbers.length > 1) kinds.push("scatter");
  if (numbers.length) kinds.push("histogram");
  if (numbers.length > 1 && !kinds.includes("line")) kinds.push("line");
  return kinds;
}
