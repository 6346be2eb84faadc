// The entries of the journal as they are read and as they come.
import { useCallback, useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { get, path } from "../../lib/api.js";
import { useEvents } from "../../lib/feed.js";
import { asked, fits, readsAll } from "./filters.js";

/** So many are read at once. */
export const PAGE = 400;
/** Enough for the whole journal, whose bound is far below. */
const ALL = 1_000_000;
/** A request that is opened by its address has its place in the list when it is not older than this. */
const FAR = 5_000;

/** The entries with those that came since, newest first; a later state of the same request takes its place. */
function newest(old, fresh, most) {
  const byId = new Map([...old, ...fresh].map((entry) => [entry.id, entry]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, most);
}

/** A function that collects what it is called with and hands it on once before the next picture is drawn. */
function useFrames(take) {
  const waiting = useRef({ items: [], frame: 0 });
  useEffect(() => () => cancelAnimationFrame(waiting.current.frame), []);
  return useCallback((item) => {
    const { current } = waiting;
    current.items.push(item);
    current.frame ||= requestAnimationFrame(() => {
      const { items } = current;
      Object.assign(current, { items: [], frame: 0 });
      take(items);
    });
  }, []);
}

/** `{ entries, shown, facts, error, more, older, load }`: what was read, what of it fits, and a function that reads older ones. */
export function useJournal(params, chosen, paused) {
  const [entries, setEntries] = useState(null);
  const [facts, setFacts] = useState({});
  const [error, setError] = useState(null);
  const [limit, setLimit] = useState(PAGE);
  const bound = useRef(PAGE);
  const all = readsAll(params);
  const query = path(["requests"], { ...asked(params), limit: all ? ALL : limit });
  bound.current = all ? Infinity : limit;
  const load = useCallback(() => get(query).then((answer) => {
    setEntries([...answer.requests].reverse());
    setFacts({ dropped: answer.dropped, last: answer.last, more: !all && answer.requests.length >= limit });
    setError(null);
  }, (refusal) => refusal.status && setError(refusal)), [query, all]);
  useEffect(() => void load(), [load]);
  const add = useFrames((fresh) => setEntries((old) => newest(old ?? [], fresh, bound.current)));
  useEvents(({ name, data }) => {
    if (name === "restarted") setEntries(null);
    if (["reset", "gap", "restarted", "opened"].includes(name)) void (paused || load());
    else if (name === "request" && !paused) add(data);
  });
  const shown = useMemo(() => (entries ?? []).filter((entry) => fits(entry, params)), [entries, params]);
  const oldest = entries?.at(-1)?.id;
  useEffect(() => {
    if (facts.more && chosen < oldest && facts.last - chosen < FAR) setLimit(facts.last - chosen + PAGE);
  }, [chosen, oldest, facts]);
  return { entries, shown, facts, error, load, older: () => setLimit(limit + PAGE) };
}
