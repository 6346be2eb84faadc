// Writes to a dataset, told as they happen.
import { useEffect, useRef } from "./html.js";
import { useEvents } from "./feed.js";

/** Under a stream of writes a view is drawn again this often, in milliseconds. */
const PAUSE = 400;

/**
 * Calls back after writes to a dataset, or to any when `id` is undefined; many at once are one. `onWrite(whole)` has
 * `whole` true where the data may be others although their version is the same: after a reset, or on another server.
 * It is called too when the connection is made, since writes before it were not told.
 */
export function useWrites(id, onWrite) {
  const timer = useRef(0);
  const whole = useRef(false);
  const callback = useRef(onWrite);
  callback.current = onWrite;
  useEffect(() => () => clearTimeout(timer.current), []);
  useEvents(({ name, data }) => {
    const tells = WHOLE.has(name) || name === "opened" || (name === "rows" && (id === undefined || data.dataset === id));
    if (!tells) return;
    whole.current ||= WHOLE.has(name);
    timer.current ||= setTimeout(() => {
      const all = whole.current;
      timer.current = 0;
      whole.current = false;
      callback.current(all);
    }, name === "rows" ? PAUSE : 0);
  });
}

const WHOLE = new Set(["reset", "gap", "restarted"]);
