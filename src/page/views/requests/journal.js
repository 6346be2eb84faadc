// The entries of the journal as they are read and as they come.
import { useCallback, useEffect, useRef, useState } from "../../lib/html.js";
import { get, path } from "../../lib/api.js";
import { useEvents } from "../../lib/feed.js";
import { asked } from "./filters.js";
import { firstOf } from "./fold.js";

/** So many lines are read at once. */
export const PAGE = 400;
/** A request that is opened by its address has its place in the list when it is not older than this. */
const FAR = 5_000;
/** While requests come, the server is asked this often which of them fit, and how many there are, in milliseconds. */
const PAUSE = 400;

/** The entries with those that came since, newest first; a later state of the same request takes its place. */
function newest(old, fresh, most) {
  const byId = new Map(old.map((entry) => [entry.id, entry]));
  const folds = old.filter((entry) => entry.folded);
  for (const entry of fresh) {
    const inFold = folds.some((fold) => entry.id >= fold.folded.first && entry.id <= fold.id);
    if (!inFold) byId.set(entry.id, entry);
  }
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, most);
}

/** A function that collects what it is called with and hands it on once before the next picture is drawn. */
function useFrames(take) {
  const waiting = useRef({ items: [], frame: 0 });
  const taker = useRef(take);
  taker.current = take;
  useEffect(() => () => cancelAnimationFrame(waiting.current.frame), []);
  return useCallback((item) => {
    const { current } = waiting;
    current.items.push(item);
    current.frame ||= requestAnimationFrame(() => {
      const { items } = current;
      Object.assign(current, { items: [], frame: 0 });
      taker.current(items);
    });
  }, []);
}

/** A function that runs another one some time later, however often it is called until then. */
function useLater(run) {
  const timer = useRef(0);
  const runner = useRef(run);
  runner.current = run;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ||= setTimeout(() => {
      timer.current = 0;
      runner.current();
    }, PAUSE);
  }, []);
}

const factsOf = ({ matched, kept, dropped, last, next }) => ({ matched, kept, dropped, last, next });

/**
 * `{ entries, facts, error, loading, older, load }`: the newest entries that fit, how many there are in all, and functions
 * that read older ones, or all again.
 */
export function useJournal(params, fold, chosen, paused) {
  const [state, setState] = useState({});
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState(null);
  const pages = useRef(1);
  const filter = { ...asked(params), fold: fold || undefined };
  const query = JSON.stringify(filter);
  const present = useRef(query);
  present.current = query;
  const abort = useRef(null);
  const ask = (more) => {
    const wanted = query;
    const { signal } = abort.current;
    return get(path(["requests"], { ...filter, ...more }), { signal }).then((answer) => (present.current === wanted ? answer : Promise.reject(new DOMException("", "AbortError"))));
  };
  const refused = (refusal) => refusal.name !== "AbortError" && refusal.status && setError(refusal);
  const load = useCallback(() => {
    abort.current?.abort();
    abort.current = new AbortController();
    setLoading(true);
    setError(null);
    pages.current = 1;
    return ask({ limit: PAGE }).then((answer) => {
      // Requests that came while the answer was made are not in it.
      setState(({ entries = [] }) => ({ entries: newest(answer.requests, entries.filter(({ id }) => id > answer.last), PAGE), facts: factsOf(answer) }));
      setLoading(false);
    }, (refusal) => {
      refused(refusal);
      if (refusal.name !== "AbortError") setLoading(false);
    });
  }, [query]);
  useEffect(() => {
    void load();
    return () => abort.current.abort();
  }, [load]);

  /** Older entries at the end; `next` is where those after them begin. */
  const append = (more, next) => ask(more).then((answer) => {
    pages.current += Math.ceil(answer.requests.length / PAGE);
    setState(({ entries, facts }) => ({ entries: [...entries, ...answer.requests.reverse()], facts: { ...factsOf(answer), next: next ?? answer.next } }));
  }, refused);
  const older = () => append({ before: state.facts.next, limit: PAGE });

  const add = (fresh) => setState(({ entries = [], facts = {} }) => {
    const most = pages.current * PAGE;
    const kept = newest(entries, fresh, most);
    const cut = kept.length === most && entries.length + fresh.length > most;
    return { entries: kept, facts: { ...facts, next: cut ? firstOf(kept.at(-1)) : facts.next, last: Math.max(facts.last ?? 0, kept[0]?.id ?? 0) } };
  });
  const count = useLater(() => ask({ limit: 0, fold: undefined }).then(({ matched, kept, dropped }) => setState((old) => ({ ...old, facts: { ...old.facts, matched, kept, dropped } })), () => {}));
  const since = useRef(Infinity);
  const sift = useLater(() => {
    const from = since.current - 1;
    since.current = Infinity;
    ask({ since: from, fold: undefined }).then((answer) => {
      if (answer.next) return void load();
      add(answer.requests);
      setState((old) => ({ ...old, facts: { ...old.facts, last: answer.last, kept: answer.kept, dropped: answer.dropped } }));
      count();
    }, refused);
  });
  const take = useFrames((fresh) => {
    if (query === JSON.stringify({ fold: fold || undefined })) {
      add(fresh);
      count();
    } else {
      since.current = Math.min(since.current, ...fresh.map(({ id }) => id));
      sift();
    }
  });
  useEvents(({ name, data }) => {
    if (name === "restarted" || name === "reset") setState({});
    if (["reset", "gap", "restarted", "opened"].includes(name)) void (paused || load());
    else if (name === "request" && !paused) take(data);
  });
  const { entries, facts = {} } = state;
  const oldest = entries?.length ? firstOf(entries.at(-1)) : 0;
  useEffect(() => {
    if (facts.next && chosen < oldest && facts.last - chosen < FAR) void append({ since: chosen - 1, before: oldest, limit: FAR }, chosen);
  }, [chosen, oldest, facts.next]);
  return { entries, facts, error, loading, load, older };
}
