// How a person has arranged the columns of a dataset: order, width, hidden, frozen. Kept in this browser.
import { useCallback } from "./html.js";
import { useKept } from "./kept.js";

/** `[layout, change]`; `change(changes)` keeps a layout with these members in it. */
export function useLayout(id) {
  const [layout, setLayout] = useKept(`layout.${id}`, NONE);
  const change = useCallback((changes) => setLayout(changes === NONE ? undefined : { ...layout, ...changes }), [layout, setLayout]);
  return [layout, change];
}

export const NONE = {};

/** All columns in the order of the layout; those that it does not know stand after the known one that they follow. */
export function ordered(columns, { order = [] }) {
  const rank = new Map(order.map((id, index) => [id, index]));
  let last = -1;
  const placed = columns.map((column, index) => {
    last = rank.get(column.id) ?? last;
    return { column, rank: last, index };
  });
  return placed.sort((a, b) => a.rank - b.rank || Number(!rank.has(a.column.id)) - Number(!rank.has(b.column.id)) || a.index - b.index).map(({ column }) => column);
}

/** `{ columns, frozen }`: what is shown, with its widths, and how many of them stay when the rest scrolls. */
export function arranged(columns, layout, key) {
  const { hidden = [], widths = {} } = layout;
  const shown = ordered(columns, layout).filter((column) => !hidden.includes(column.id));
  const frozen = layout.frozen ?? (shown[0]?.id === key ? 1 : 0);
  return { columns: shown.map((column) => ({ ...column, width: widths[column.id] ?? column.width })), frozen: Math.min(frozen, shown.length) };
}

/** The order of columns with one of them moved by a step among those that are shown. */
export function moved(columns, layout, id, step) {
  const all = ordered(columns, layout).map((column) => column.id);
  const shown = all.filter((name) => !(layout.hidden ?? []).includes(name));
  const neighbour = shown[shown.indexOf(id) + step];
  if (neighbour === undefined) return all;
  const rest = all.filter((name) => name !== id);
  rest.splice(rest.indexOf(neighbour) + (step > 0 ? 1 : 0), 0, id);
  return rest;
}
