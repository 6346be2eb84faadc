// The rows of a dataset: grid, filter, search, order, values of a column.
import { html, useCallback, useEffect, useMemo, useState } from "../lib/html.js";
import { get, path, twin } from "../lib/api.js";
import { address, go, setParams } from "../lib/route.js";
import { count } from "../lib/format.js";
import { ask } from "../lib/stats.js";
import { WHERE_LINE, both, compose, identifier } from "../lib/soql.js";
import { BLOCK, useBlocks } from "../parts/blocks.js";
import { Grid, fittingWidth } from "../parts/grid.js";
import { useWrites } from "../lib/writes.js";
import { Editor, wordsOf } from "../parts/editor.js";
import { useLanguage } from "../parts/language.js";
import { Empty, Icon, Switch, Twins } from "../parts/basics.js";
import { ColumnPanel } from "../parts/column_panel.js";

const SYSTEM = [
  { id: ":id", label: ":id", note: "row identifier", type: "row_identifier" },
  { id: ":created_at", label: ":created_at", note: "fixed_timestamp", type: "fixed_timestamp" },
  { id: ":updated_at", label: ":updated_at", note: "fixed_timestamp", type: "fixed_timestamp" },
  { id: ":version", label: ":version", note: "row version", type: "row_version" },
];

const DIRECTIONS = { undefined: "asc", asc: "desc", desc: undefined };

/** What the address says about the view. */
function useView(params) {
  const { where = "", q = "", order, system } = params;
  return useMemo(() => {
    const [name, direction = "asc"] = (order ?? "").split(" ");
    const sort = name ? [name, direction === "desc" ? "desc" : "asc"] : undefined;
    const filter = { where, search: q, order: sort ? `${identifier(sort[0])} ${sort[1].toUpperCase()}, :id` : undefined };
    return { filter, sort, system: system === "1", plain: !where.trim() && !q && !sort };
  }, [where, q, order, system]);
}

/** How many rows the filter leaves, and how it is wrong. */
function useCount(dataset, filter, plain, version) {
  const [state, setState] = useState({ total: plain ? dataset.rows : undefined });
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ total: plain && !version ? dataset.rows : old.total, loading: true }));
    ask(dataset.id, compose({ ...filter, order: undefined, select: "count(*) AS n__" }), abort.signal).then(
      ([row]) => setState({ total: Number(row.n__) }),
      (error) => error.name !== "AbortError" && setState((old) => ({ total: old.total, error })),
    );
    return () => abort.abort();
  }, [dataset.id, filter.where, filter.search, version]);
  return state;
}

/** Rows of a block: the first by a plain query, which need not sort everything, the others cut from the view. */
function useRows(dataset, { filter }, total, version) {
  const load = useCallback((block, signal) => {
    if (block === 0) return ask(dataset.id, compose({ ...filter, order: filter.order ?? ":id", limit: BLOCK }), signal);
    const { where, order = ":id", search } = filter;
    return get(path(["datasets", dataset.id, "window"], { $where: where.trim() && `${where}\n`, $order: order, $q: search, offset: block * BLOCK, limit: BLOCK }), { signal });
  }, [dataset.id, filter, version]);
  return useBlocks(load, total);
}

function useColumns(dataset, system, firstRows) {
  return useMemo(() => {
    const own = dataset.columns.map((column) => ({
      id: column.fieldName, label: column.name, type: column.soqlType, mark: column.fieldName === dataset.row_identifier,
      note: `${column.fieldName} · ${column.dataTypeName}`,
    }));
    const all = system ? [...SYSTEM, ...own] : own;
    return all.map((column) => ({ ...column, width: fittingWidth(column, firstRows.map((row) => row[column.id])) }));
  }, [dataset, system, firstRows]);
}

/** The tab "Rows". */
export function Rows({ dataset, params, reload }) {
  const view = useView(params);
  const [version, setVersion] = useState(0);
  const counted = useCount(dataset, view.filter, view.plain, version);
  const total = counted.total ?? 0;
  const { rowAt, want, error } = useRows(dataset, view, total, version);
  const [firstRows, setFirstRows] = useState([]);
  const sample = rowAt(0) ? Array.from({ length: 40 }, (_, index) => rowAt(index)).filter(Boolean) : undefined;
  useEffect(() => {
    if (sample && !firstRows.length) setFirstRows(sample);
  }, [Boolean(sample)]);
  const columns = useColumns(dataset, view.system, firstRows);
  const refused = counted.error ?? error;
  useWrites(dataset.id, () => {
    reload();
    setVersion((n) => n + 1);
  });
  const key = dataset.row_identifier ?? ":id";
  const rowAddress = (row) => (row[key] === undefined ? undefined : address(["datasets", dataset.id, "row", String(row[key])]));
  const onSort = (id) => {
    const now = view.sort?.[0] === id ? view.sort[1] : undefined;
    const next = DIRECTIONS[now];
    setParams({ order: next ? `${id} ${next}` : undefined });
  };
  const chosen = dataset.columns.find((column) => column.fieldName === params.column);
  const query = compose({ ...view.filter, select: view.system ? ":*, *" : "*" });
  return html`<div class=${chosen ? "rows with-panel" : "rows"}>
    <${Toolbar} dataset=${dataset} params=${params} counted=${counted} refused=${refused} query=${query} />
    <div class="rows-body">
      ${total === 0 && !counted.loading && !refused
        ? html`<${Empty} title=${dataset.rows ? "No row fits the filter." : "This dataset has no rows."}>
            ${dataset.rows > 0 && html`<button type="button" onClick=${() => setParams({ where: "", q: "" })}>Clear the filter</button>`}<//>`
        : html`<${Grid} label=${`Rows of ${dataset.name}`} columns=${columns} total=${total} rowAt=${rowAt} want=${want} sort=${view.sort}
            onSort=${onSort} onColumn=${(id) => !id.startsWith(":") && setParams({ column: id === params.column ? undefined : id })}
            chosen=${params.column} rowLink=${rowAddress} onOpen=${(row) => rowAddress(row) && go(rowAddress(row))} />`}
      ${chosen && html`<${ColumnPanel} key=${chosen.fieldName} dataset=${dataset} column=${chosen} filter=${view.filter} version=${version}
        onFilter=${(condition) => setParams({ where: both(view.filter.where, condition) })} onClose=${() => setParams({ column: undefined })} />`}
    </div>
  </div>`;
}

function Toolbar({ dataset, params, counted, refused, query }) {
  const language = useLanguage();
  const words = useMemo(() => wordsOf(dataset.columns, language), [dataset, language]);
  const [where, setWhere] = useState(params.where ?? "");
  const [search, setSearch] = useState(params.q ?? "");
  useEffect(() => setWhere(params.where ?? ""), [params.where]);
  useEffect(() => setSearch(params.q ?? ""), [params.q]);
  const error = refused && where === (params.where ?? "") && shifted(refused);
  const file = (format) => twin(path(["datasets", dataset.id, `query.${format}`], { $query: `${query} LIMIT 10000000` }));
  const asked = useMemo(() => twin(path(["datasets", dataset.id, "query.json"], { $query: query })), [query]);
  return html`<div class="toolbar">
    <form role="search" onSubmit=${(event) => { event.preventDefault(); setParams({ q: search }); }}>
      <label class="search"><${Icon} name="search" /><span class="hidden">Search all text columns</span>
        <input type="search" data-shortcut="/" placeholder="Search text" value=${search} onInput=${(event) => setSearch(event.currentTarget.value)}
          onSearch=${(event) => setParams({ q: event.currentTarget.value })} /></label></form>
    <div class="where"><span class="where-word" aria-hidden="true">where</span>
      <${Editor} id="where" label="Filter, as the condition of a SoQL query" value=${where} onInput=${setWhere} words=${words} error=${error}
        placeholder=${`e.g. ${example(dataset)}`} onSubmit=${() => setParams({ where })} />
      <button type="button" onClick=${() => setParams({ where })}>Filter</button>
      ${params.where && html`<button type="button" class="quiet" aria-label="Clear the filter" onClick=${() => setParams({ where: "" })}><${Icon} name="close" /></button>`}</div>
    <p class="toolbar-facts"><span role="status">${sentence(counted, dataset)}</span>
      <${Switch} label="System fields" checked=${params.system === "1"} onChange=${(on) => setParams({ system: on ? "1" : "" })} />
      <a href=${address(["query"], { dataset: dataset.id, soql: query })}>Open in console</a>
      <${Twins} links=${[["JSON", asked], ["CSV", file("csv"), `${dataset.id}.csv`]]} /></p>
  </div>`;
}

function sentence({ total, error, loading }, dataset) {
  if (error) return "The filter is not understood";
  if (total === undefined) return loading ? "Counting" : "";
  return total === dataset.rows ? `${count(total)} rows` : `${count(total)} of ${count(dataset.rows)} rows`;
}

/** The error's place in the condition that a person wrote. */
function shifted(error) {
  const { position } = error;
  const inside = position && position.row >= WHERE_LINE;
  return { message: error.message, position: inside ? { ...position, row: position.row - WHERE_LINE + 1 } : undefined };
}

function example(dataset) {
  const number = dataset.columns.find((column) => column.soqlType === "number");
  const text = dataset.columns.find((column) => column.soqlType === "text");
  if (number) return `${identifier(number.fieldName)} > 2`;
  return text ? `${identifier(text.fieldName)} LIKE 'A%'` : ":updated_at > '2024-01-01'";
}
