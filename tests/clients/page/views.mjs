// Every view of the page, with data that fills each of them.
const QUERY = encodeURIComponent("SELECT source, count(*) AS n, avg(magnitude) AS mean GROUP BY source ORDER BY n DESC");
/** Name, address, what is there when it is drawn. */
export const VIEWS = [
  ["datasets", "/__mock/", "table.list"], ["rows", "/__mock/datasets/4tka-6guv?column=magnitude&where=magnitude%20%3E%201", ".panel .histogram"],
  ["filter-error", "/__mock/datasets/4tka-6guv?where=magnitude%20%3E%20nope", ".editor-error"],
  ["columns", "/__mock/datasets/4tka-6guv/columns", ".histogram"], ["map", "/__mock/datasets/4tka-6guv/map", ".map canvas"],
  ["changes", "/__mock/datasets/4tka-6guv/changes", ".changes, .empty"], ["endpoints", "/__mock/datasets/4tka-6guv/api", ".code"],
  ["row", "/__mock/datasets/4tka-6guv/row/00388609", ".values"], ["requests", "/__mock/requests", "a.entry"], ["request", "/__mock/requests/1", ".fates .grid-row"],
  ["query", `/__mock/query?dataset=4tka-6guv&soql=${QUERY}`, ".grid-row .number"], ["chart", `/__mock/query?dataset=4tka-6guv&soql=${QUERY}&show=chart`, ".plot canvas"],
  ["sql", `/__mock/query?sql=${encodeURIComponent('SELECT * FROM "4tka-6guv"')}`, ".grid-row .number"],
  ["faults", "/__mock/controls/faults", ".presets li"], ["clock", "/__mock/controls/clock", ".clock"], ["throttle", "/__mock/controls/throttle", "form"],
  ["snapshots", "/__mock/controls/snapshots", "tbody tr"], ["diff", "/__mock/controls/snapshots/diff/first/current", ".diff"],
  ["spaces", "/__mock/controls/spaces", "tbody tr"], ["accounts", "/__mock/controls/accounts", "tbody tr"], ["start", "/__mock/start", ".code"],
  ["new", "/__mock/datasets/new", ".drop"], ["as-of", "/__mock/datasets/4tka-6guv/as-of/1", ".as-of .grid-row"],
  ["missing-dataset", "/__mock/datasets/none-none", ".failure"],
];

/** A function that writes what the views show, once. */
export function prepared(own) {
  let done;
  return () => (done ??= prepare(own));
}

async function prepare(own) {
  await own.admin("PUT", "/snapshots/first");
  const rows = [{ earthquake_id: "new-1", magnitude: "2.50", region: "Nowhere" }, { earthquake_id: "00388609", magnitude: "1.3", region: "Nevada" }, { earthquake_id: "c000clg5", ":deleted": true }, { earthquake_id: "gone-1", ":deleted": true }, { earthquake_id: "gone-2", ":deleted": true }, { magnitude: 1 }];
  await own.write("POST", "/resource/4tka-6guv.json", rows);
  await own.write("POST", "/resource/4tka-6guv.json", [{ earthquake_id: "x", magnitud: 1 }]);
  await fetch(`${own.url}/resource/4tka-6guv.json?$limit=5&$order=magnitude`);
  await fetch(`${own.url}/resource/4tka-6guv/new-1.json`);
  await own.admin("POST", "/faults/presets/upsert-applied-but-502");
}
