// A dataset as it was after an earlier write.
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { get, path } from "../lib/api.js";
import { useGet } from "../lib/reading.js";
import { address, go } from "../lib/route.js";
import { count, plural, time } from "../lib/format.js";
import { Failure, Field, Icon } from "../parts/basics.js";
import { Timeline } from "../parts/timeline.js";
import { ResultTable } from "./query/table.js";

const WRITES = 120;
/** The most rows that are shown. */
const ROWS = 50_000;

/** `/__mock/datasets/{4x4}/as-of/{version}`. */
export function AsOf({ dataset, rest }) {
  const version = Number(rest[0] ?? dataset.data_version);
  const link = (to) => address(["datasets", dataset.id, "as-of", String(to)]);
  const { data: history } = useGet(path(["datasets", dataset.id, "changes"], { since: Math.max(0, dataset.data_version - WRITES), limit: 10_000 }));
  const [state, setState] = useState({});
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true, error: undefined }));
    get(path(["datasets", dataset.id, "rows"], { as_of: version, limit: ROWS }), { signal: abort.signal }).then((rows) => setState({ rows, version }), (error) => error.name !== "AbortError" && setState({ error }));
    return () => abort.abort();
  }, [dataset.id, dataset.data_version, version]);
  const columns = useMemo(() => [{ id: ":id", field: ":id", type: "row_identifier" }, ...dataset.columns.map((column) => ({ id: column.fieldName, field: column.fieldName, type: column.soqlType }))], [dataset]);
  const result = useMemo(() => state.rows && { columns, rows: state.rows }, [columns, state.rows]);
  const write = history?.writes.find((item) => item.version === version);
  const step = (by) => go(link(Math.max(0, Math.min(dataset.data_version, version + by))));
  return html`<div class="as-of"><nav class="crumbs" aria-label="Place"><a href=${address(["datasets", dataset.id, "changes"])}>Changes</a><${Icon} name="right" /><span>version ${count(version)}</span></nav>
    <${Timeline} writes=${history?.writes ?? []} link=${link} chosen=${version} />
    <div class="form"><button type="button" disabled=${version <= 0} onClick=${() => step(-1)}>Earlier</button>
      <${Field} label="Version"><input type="number" min="0" max=${dataset.data_version} value=${version} onChange=${(event) => go(link(event.currentTarget.value))} /><//>
      <button type="button" disabled=${version >= dataset.data_version} onClick=${() => step(1)}>Later</button>
      <p role="status">${state.rows && `${state.rows.length === ROWS ? "the first " : ""}${plural(state.rows.length, "row")} as of version ${count(state.version)}`}${write && html` <span class="faint">${time(write.at)}, ${write.operation}</span>`}</p>
      ${write?.request && html`<a href=${address(["requests", String(write.request)])}>request ${write.request}</a>`}</div>
    <${Failure} error=${state.error} />${result && html`<div class="outcome"><${ResultTable} result=${result} /></div>`}</div>`;
}
