// Sizes of a grid in pixels.
export const ROW = 28;
export const HEAD = 46;
export const GUTTER = 68;
/** Browsers draw nothing that is much higher; beyond it the scroll bar stands for more than its length. */
export const HIGHEST = 12_000_000;
export const SPARE = 6;
export const NARROWEST = 48;
export const WIDEST = 1200;

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export const cellId = (row, column) => `cell-${row}-${column}`;

/** Where each column begins; the last number is the width of all. */
export function offsets(columns) {
  const lefts = [GUTTER];
  for (const column of columns) lefts.push(lefts.at(-1) + column.width);
  return lefts;
}
