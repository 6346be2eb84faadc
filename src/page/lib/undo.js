// Taking one write back by writes of its own: what it created is deleted, what it changed or deleted is written as it was.
import { get, path } from "./api.js";
import { asAccount, reportOf, resource } from "./wire.js";

/** More rows than this are not taken back from here; a snapshot does that. */
export const MOST = 10_000;

/** `{ changes, missing }` of a request: what the history holds of it, and why that is not all. */
export async function changesOf(entry) {
  const { changes, writes, next } = await get(path(["datasets", entry.dataset, "changes"], { request: entry.id, limit: MOST }));
  const left = writes.reduce((sum, write) => sum + write.left_out, 0);
  const emptied = writes.some((write) => write.emptied);
  if (emptied) return { changes, missing: "The write emptied the dataset; the history does not hold the rows that were there." };
  if (left || next) return { changes, missing: "The history does not hold every row of this write." };
  if (!changes.length) return { changes, missing: "The history no longer holds this write." };
  return { changes };
}

/** The rows that a later write has changed: their keys. */
export async function changedSince(entry, changes) {
  const { changes: later } = await get(path(["datasets", entry.dataset, "changes"], { since: entry.data_version.after, limit: MOST }));
  const own = new Set(changes.map(({ id }) => id));
  return [...new Set(later.filter(({ id }) => own.has(id)).map(({ key }) => String(key)))];
}

/** The upsert that takes changes back; a column without a value then is set to null. */
export function inverse(changes, dataset) {
  const key = dataset.row_identifier;
  const names = dataset.columns.map(({ fieldName }) => fieldName);
  const oldest = new Map();
  for (const change of changes) {
    const first = oldest.get(change.id);
    oldest.set(change.id, first ? { ...first, after: change.after } : change);
  }
  return [...oldest.values()].filter(({ before, after }) => before || after).map(({ id, before, after }) => {
    if (!before) return key ? { [key]: after[key], ":deleted": true } : { ":id": id, ":deleted": true };
    const row = Object.fromEntries(names.map((name) => [name, before[name] ?? null]));
    return key || !after ? row : { ":id": id, ...row };
  });
}

/** Writes the inverse as an account; answers the number of the request and what became of its rows. */
export async function takeBack(account, dataset, changes) {
  const answer = await asAccount(account, "POST", resource(dataset.id), inverse(changes, dataset));
  return { request: answer.request, report: reportOf(answer.text) };
}
