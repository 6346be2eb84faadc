// What the admin API answers, as the state of a component.
import { useCallback, useEffect, useState } from "./html.js";
import { Refusal, get } from "./api.js";
import { useEvents } from "./feed.js";

/**
 * What a path answers: `{ data, error, loading, reload }`. Null as path asks nothing. Old data stays until new data is
 * there, and while no server answers; another server is asked anew.
 */
export function useGet(path) {
  const [state, setState] = useState({ loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    setState((old) => ({ data: old.path === path ? old.data : undefined, path, loading: true }));
    get(path, { signal: abort.signal }).then(
      (data) => setState({ data, path, loading: false }),
      (error) => error.name !== "AbortError" && setState((old) => failed(old, error, path)),
    );
    return () => abort.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  useEvents(({ name }) => {
    if (name === "restarted" || (name === "opened" && state.unanswered)) reload();
  });
  return { ...(state.path === path ? state : { loading: true }), reload };
}

function failed(old, error, path) {
  const unanswered = !(error instanceof Refusal);
  const data = unanswered ? old.data : undefined;
  return { data, error: data === undefined ? error : undefined, unanswered, path, loading: false };
}
