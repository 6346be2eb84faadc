// The rows of a dataset as they were at an earlier version: those of now with every later change taken back.
import { get, path } from "./api.js";

/** Larger datasets, and longer ways back, are not put together in a browser. */
const MOST_ROWS = 50_000;
const MOST_CHANGES = 10_000;
const TRIES = 3;

/** Rows with `:id`; throws an Error that says why they cannot be told. */
export async function rowsAsOf(dataset, version, signal) {
  if (dataset.rows > MOST_ROWS) throw new Error(`Up to ${MOST_ROWS.toLocaleString("en-GB")} rows are put together here. A snapshot keeps a state of any size.`);
  const changesSince = (since) => get(path(["datasets", dataset.id, "changes"], { since, limit: MOST_CHANGES }), { signal });
  for (let turn = 0; turn < TRIES; turn += 1) {
    const history = await changesSince(version);
    refuse(history, version);
    const rows = await get(path(["datasets", dataset.id, "rows"], { format: "json" }), { signal });
    // A write in between would be in the rows and not in the changes.
    const after = await changesSince(history.data_version);
    if (after.data_version === history.data_version) return takenBack(rows, history.changes);
  }
  throw new Error("The dataset is being written to; try again when it rests.");
}

function refuse({ writes, dropped_through: dropped, next, data_version: now }, version) {
  if (version > now) throw new Error(`The dataset is at version ${now}.`);
  if (dropped !== null && dropped > version) throw new Error(`The history begins after version ${dropped}; older changes left it.`);
  const whole = writes.find((write) => write.left_out > 0 || write.emptied);
  if (whole) throw new Error(`Version ${whole.version} changed more rows than the history keeps, so earlier ones cannot be told. A snapshot keeps a whole state.`);
  if (next) throw new Error(`More than ${MOST_CHANGES.toLocaleString("en-GB")} rows changed since then.`);
}

function takenBack(rows, changes) {
  const byId = new Map(rows.map((row) => [row[":id"], row]));
  for (const { id, before } of [...changes].reverse()) {
    if (before) byId.set(id, { ":id": id, ...before });
    else byId.delete(id);
  }
  return [...byId.values()];
}
