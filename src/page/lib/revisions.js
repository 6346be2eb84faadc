// The Data Management API, as an account: revisions of a dataset, their sources, schemas and transforms.
import { records } from "./csv.js";
import { asAccount } from "./wire.js";

const BASE = "/api/publishing/v1";
/** So many rows are shown as a sample. */
const SAMPLE = 20;
/** The most bytes of a file that is read here to show what was in a row. */
const LARGE = 4_000_000;

/** What a request answers; `body` is sent as JSON. */
async function ask(account, method, path, body) {
  const { text } = await asAccount(account, method, path, body);
  return text ? JSON.parse(text) : null;
}

const revisionPath = (id, seq) => `${BASE}/revision/${encodeURIComponent(id)}${seq === undefined ? "" : `/${encodeURIComponent(seq)}`}`;

/** `{ revision, sources, plan }` of one revision. */
export async function readRevision(account, id, seq) {
  const path = revisionPath(id, seq);
  const [revision, sources, plan] = await Promise.all([ask(account, "GET", path), ask(account, "GET", `${path}/source`), ask(account, "GET", `${path}/plan`)]);
  return { revision: revision.resource, sources: sources.map(({ resource }) => resource), plan: plan.resource };
}

export const apply = (account, id, seq) => ask(account, "PUT", `${revisionPath(id, seq)}/apply`, {});
export const discard = (account, id, seq) => ask(account, "DELETE", revisionPath(id, seq));

/** The first rows that come out of a schema: all, or those with an error in a cell: `[{ offset, row }]`. */
export async function sampleRows(account, source, schema, onlyErrors) {
  const kind = onlyErrors ? "errors" : "rows";
  const [, ...rows] = await ask(account, "GET", `${BASE}/source/${source.id}/schema/${schema.input_schema_id}/${kind}/${schema.id}?limit=${SAMPLE}`);
  return rows.filter(({ row }) => row);
}

/** The records of a CSV source as they were uploaded, by their offset; undefined of other and of large files. */
export async function inputRows(account, id, seq, source) {
  if (!/csv|tab-separated/.test(source.content_type ?? "") || source.filesize > LARGE) return undefined;
  const { text } = await asAccount(account, "GET", `${revisionPath(id, seq)}/source/download/${source.id}`);
  const { header_count: headers, column_separator: separator } = source.parse_options;
  return records(text, { separator }).slice(headers);
}

/** Makes an output schema with another transform of one column; the others stay. */
export function changeTransform(account, source, schema, column, expression) {
  const output_columns = schema.output_columns.map((item) => (item.id === column.id ? { ...item, transform: { transform_expr: expression } } : item));
  return ask(account, "POST", `${BASE}/source/${source.id}/schema/${schema.input_schema_id}`, { output_columns, sort_bys: schema.sort_bys });
}

/** The colours of the states. */
export const COLOURS = { open: "info", applying: "info", applied: "good", failed: "bad", discarded: "quiet" };

/** "open", "applying", "applied", "failed" or "discarded". */
export function stateOf({ closed_at: closed, task_sets: sets }) {
  const [last] = sets;
  if (last?.status === "failure") return "failed";
  if (!closed) return last && !last.finished_at ? "applying" : "open";
  return last ? "applied" : "discarded";
}

/** The newest schemas of a source: what was read, and what comes out. */
export function schemasOf(source) {
  const input = source.schemas.at(-1);
  return { input, output: input?.output_schemas.at(-1) };
}
