// Rows that are fetched in blocks while a grid shows them.
import { useCallback, useEffect, useMemo, useReducer, useRef } from "../lib/html.js";

export const BLOCK = 100;
const KEPT = 80;
const PAUSE = 60;

/**
 * `load(block, signal)` answers the rows of a block of `total` rows in all. With a new `load` everything is fetched again. Until
 * then the old rows stay: each of them where `view` is still the same, else all of them until the first block of the new view.
 * Answers `{ rowAt, want, error, waiting, stale, cancel }`; `stale` while the rows are those of another view.
 */
export function useBlocks(load, total, view) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const state = useRef();
  const fresh = useMemo(() => {
    const before = state.current;
    const old = before && (before.blocks.size ? before : before.old);
    return { blocks: new Map(), running: new Map(), error: undefined, wanted: [0, 0], timer: 0, view, old: old && { blocks: old.blocks, view: old.view } };
  }, [load]);
  state.current = fresh;

  const start = useCallback((block) => {
    if (fresh.blocks.has(block) || fresh.running.has(block)) return;
    const abort = new AbortController();
    fresh.running.set(block, abort);
    load(block, abort.signal).then(
      (rows) => {
        fresh.blocks.set(block, rows);
        fresh.error = undefined;
        fresh.old?.blocks.delete(block);
        forget(fresh);
      },
      (error) => {
        if (error.name !== "AbortError") fresh.error = error;
      },
    ).finally(() => {
      if (fresh.running.get(block) === abort) fresh.running.delete(block);
      if (state.current === fresh) redraw();
    });
  }, [fresh, load]);

  const fetchWanted = useCallback(() => {
    fresh.timer = 0;
    const [first, last] = fresh.wanted;
    for (const [block, abort] of fresh.running) {
      if (block < first - 1 || block > last + 1) {
        abort.abort();
        fresh.running.delete(block);
      }
    }
    // One ahead: the first page of a sorted view thereby has the whole order made while it is read.
    const end = Math.min(last + 1, Math.ceil(total / BLOCK) - 1);
    for (let block = first; block <= end; block += 1) start(block);
  }, [fresh, start, total]);

  const want = useCallback((firstRow, lastRow) => {
    fresh.wanted = [Math.floor(firstRow / BLOCK), Math.floor(lastRow / BLOCK)];
    if (fresh.timer) return;
    // The first one goes at once; while a person drags, a few a second are enough.
    if (fresh.blocks.size === 0 && fresh.running.size === 0) fetchWanted();
    else fresh.timer = setTimeout(fetchWanted, PAUSE);
  }, [fresh, fetchWanted]);

  useEffect(() => () => {
    clearTimeout(fresh.timer);
    for (const abort of fresh.running.values()) abort.abort();
  }, [fresh]);

  const cancel = useCallback(() => {
    for (const abort of fresh.running.values()) abort.abort();
    fresh.running.clear();
    redraw();
  }, [fresh]);

  const rowAt = (index) => {
    const block = Math.floor(index / BLOCK);
    const stays = fresh.old && (fresh.old.view === fresh.view || fresh.blocks.size === 0);
    return (fresh.blocks.get(block) ?? (stays ? fresh.old.blocks.get(block) : undefined))?.[index % BLOCK];
  };
  return { rowAt, want, error: fresh.error, waiting: fresh.running.size > 0, stale: fresh.blocks.size === 0 && fresh.old !== undefined && fresh.old.view !== fresh.view && fresh.old.blocks.size > 0, cancel };
}

/** Drops the blocks that are farthest from what is seen. */
function forget({ blocks, wanted: [first] }) {
  while (blocks.size > KEPT) {
    let farthest;
    for (const block of blocks.keys()) {
      if (farthest === undefined || Math.abs(block - first) > Math.abs(farthest - first)) farthest = block;
    }
    blocks.delete(farthest);
  }
}
