// Writes to a dataset, told as they happen.
import { useEffect, useRef } from "./html.js";
import { useEvents } from "./api.js";

/** Under a stream of writes a view is drawn again this often, in milliseconds. */
const PAUSE = 400;

/** Calls back after writes to a dataset, or to any when `id` is undefined; many at once are one. */
export function useWrites(id, onWrite) {
  const timer = useRef(0);
  const callback = useRef(onWrite);
  callback.current = onWrite;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useEvents("/events", ({ name, data }) => {
    if (!tellsWrite(name, data, id) || timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = 0;
      callback.current();
    }, PAUSE);
  });
}

function tellsWrite(name, data, id) {
  if (name === "reset" || name === "gap") return true;
  return name === "rows" && (id === undefined || data.dataset === id);
}
