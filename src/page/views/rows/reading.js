// The rows of a view: which there are, and how many.
import { useCallback, useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { get, path } from "../../lib/api.js";
import { ask } from "../../lib/stats.js";
import { compose, identifier } from "../../lib/soql.js";
import { BLOCK, useBlocks } from "../../parts/blocks.js";

/** What the address says about the view. */
export function useView(params) {
  const { where = "", q = "", order, system } = params;
  return useMemo(() => {
    const [name, direction = "asc"] = (order ?? "").split(" ");
    const sort = name ? [name, direction === "desc" ? "desc" : "asc"] : undefined;
    const filter = { where, search: q, order: sort ? `${identifier(sort[0])} ${sort[1].toUpperCase()}, :id` : undefined };
    return { filter, sort, system: system === "1", all: !where.trim() && !q };
  }, [where, q, order, system]);
}

/** How many rows the filter leaves: `{ total, loading, error, cancelled, cancel }`. The old number stays until there is a new one. */
export function useCount(dataset, { filter, all }, version) {
  const [state, setState] = useState({ total: all ? dataset.rows : undefined });
  const running = useRef(null);
  useEffect(() => {
    if (all) {
      setState({ total: dataset.rows });
      return undefined;
    }
    const abort = new AbortController();
    running.current = abort;
    setState((old) => ({ total: old.total, loading: true }));
    ask(dataset.id, compose({ ...filter, order: undefined, select: "count(*) AS n__" }), abort.signal).then(
      ([row]) => setState({ total: Number(row.n__) }),
      (error) => error.name !== "AbortError" && setState((old) => ({ total: old.total, error })),
    );
    return () => abort.abort();
  }, [dataset.id, filter.where, filter.search, version]);
  const cancel = useCallback(() => {
    running.current?.abort();
    setState((old) => ({ total: old.total, cancelled: true }));
  }, []);
  return { ...state, cancel };
}

/** Rows of a block: the first by a plain query, which need not sort everything, the others cut from the view. */
export function useRows(dataset, { filter }, total, version) {
  const load = useCallback((block, signal) => {
    if (block === 0) return ask(dataset.id, compose({ ...filter, order: filter.order ?? ":id", limit: BLOCK }), signal);
    const { where, order = ":id", search } = filter;
    return get(path(["datasets", dataset.id, "window"], { $where: where.trim() && `${where}\n`, $order: order, $q: search, offset: block * BLOCK, limit: BLOCK }), { signal });
  }, [dataset.id, filter, version]);
  return useBlocks(load, total, filter);
}
