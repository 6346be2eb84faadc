// Taking one write back.
import { path, send } from "./api.js";

/**
 * Takes the write of a request back; answers `{ request, report, overwritten }`. Throws a Refusal with the code
 * `undo_conflict` when rows have changed since, unless `force` is true.
 */
export async function takeBack(request, force = false) {
  const response = await send("POST", path(["requests", String(request), "undo"]), { body: { force } });
  const { rows, overwritten } = await response.json();
  return { request: response.headers.get("x-mock-request"), report: rows, overwritten };
}
