// Rows as a person types them, and the writes that come of it.
import { isGeometry } from "./cell.js";
import { asAccount, reportOf, resource } from "./wire.js";

/** Whether values of a type are objects, which are typed as JSON. */
export const isStructure = (type) => isGeometry(type) || ["url", "location", "json", "phone", "document", "photo"].includes(type);

/** A value as it is typed. */
export const typed = (value) => (value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

/** The value that a typed text stands for: nothing typed is null. Throws a SyntaxError where JSON is needed and is not there. */
export function valueOf(text, type) {
  if (text.trim() === "") return null;
  if (type === "boolean") return text === "true";
  return isStructure(type) && /^\s*[{[]/.test(text) ? JSON.parse(text) : text;
}

/** What names a row in an upsert. */
export const nameOf = (dataset, row) => (dataset.row_identifier ? { [dataset.row_identifier]: row[dataset.row_identifier] } : { ":id": row[":id"] });

/** Writes some fields of a row, or a new row; answers `{ request, report }` or throws a Refusal. */
export async function upsert(account, dataset, row) {
  const answer = await asAccount(account, "POST", resource(dataset.id), [row]);
  return { request: answer.request, report: reportOf(answer.text) };
}

/** Deletes a row. */
export async function removeRow(account, dataset, row) {
  const key = dataset.row_identifier ?? ":id";
  const answer = await asAccount(account, "DELETE", resource(dataset.id, String(row[key])));
  return { request: answer.request, report: { deleted: 1 } };
}
