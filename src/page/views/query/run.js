// Running a query: the last answer stays until the next one is there, and a run can be cancelled.
import { useCallback, useEffect, useRef, useState } from "../../lib/html.js";

/** Runs when `key` changes. Answers `{ result, took, loading, error, cancelled, cancel }`. */
export function useRun(run, key) {
  const [state, setState] = useState({});
  const running = useRef(null);
  useEffect(() => {
    if (!key) return setState({});
    const abort = new AbortController();
    running.current = abort;
    const started = performance.now();
    setState((old) => ({ ...old, loading: true, error: undefined, cancelled: false }));
    run(abort.signal).then(
      (result) => setState({ result, took: performance.now() - started }),
      (error) => error.name !== "AbortError" && setState((old) => ({ result: old.result, took: old.took, error })),
    );
    return () => abort.abort();
  }, [key]);
  const cancel = useCallback(() => {
    running.current?.abort();
    setState((old) => ({ ...old, loading: false, cancelled: true }));
  }, []);
  return { ...state, cancel };
}
