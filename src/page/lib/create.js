// A new dataset of a schema and rows: made by the admin API, filled by the emulated one as an account.
import { path, put } from "./api.js";
import { asAccount, reportOf, resource } from "./wire.js";

/** So many rows go in one request. */
const BATCH = 5_000;
const SIGNS = "23456789abcdefghijkmnpqrstuvwxyz";

/** A 4x4 by chance. */
export function newId() {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => SIGNS[byte % SIGNS.length]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** The short form of a dataset. */
export const definitionOf = ({ id, name, columns, key, isPublic }) => ({
  id, name, public: isPublic, ...(key ? { metadata: { rowIdentifier: key } } : {}),
  columns: columns.map((column) => ({ fieldName: column.fieldName, name: column.name, dataTypeName: column.type })),
});

/** Makes the dataset and writes the rows; `onRows(done)` is told how many have been sent. Answers `{ requests, report }`. */
export async function create(account, definition, rows, onRows) {
  const { id, ...body } = definition;
  await put(path(["datasets", id]), body);
  const requests = [];
  const report = { created: 0, updated: 0, deleted: 0, errors: 0 };
  for (let start = 0; start < rows.length; start += BATCH) {
    const answer = await asAccount(account, "POST", resource(id), rows.slice(start, start + BATCH));
    requests.push(answer.request);
    for (const [name, number] of Object.entries(reportOf(answer.text))) report[name] += number;
    onRows(Math.min(start + BATCH, rows.length));
  }
  return { requests, report };
}
