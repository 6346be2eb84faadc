// The cell that the keys move.
import { useReducer, useRef } from "../../lib/html.js";
import { GUTTER, ROW, clamp } from "./measures.js";

/** The active cell may lie where nothing is drawn at the moment. */
export function useActive({ total, columns, scroll, lefts, frozenWidth, place }) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const active = useRef({ row: place?.row ?? 0, column: place?.column ?? 0 });
  const move = (row, column) => {
    active.current = { row: clamp(row, 0, Math.max(0, total - 1)), column: clamp(column, 0, columns.length - 1) };
    const { at, element, moveTo } = scroll;
    const y = active.current.row * ROW;
    if (y < at.top) moveTo(y);
    else if (y + ROW > at.top + at.height) moveTo(y + ROW - at.height);
    toColumn(active.current.column);
    redraw();
  };
  const toColumn = (index) => {
    const { at, element } = scroll;
    const left = lefts[index];
    const right = left + (columns[index]?.width ?? 0);
    const covered = GUTTER + frozenWidth;
    if (left < covered) return;
    if (left - covered < at.left) element.current.scrollLeft = left - covered;
    else if (right > at.left + at.width) element.current.scrollLeft = right - at.width;
    // The browser tells of the scrolling a frame later; the active cell has to be drawn with this redraw.
    at.left = element.current.scrollLeft;
  };
  return { activeRef: active, move, toColumn };
}

/** The cell that a key leads to; undefined when it leads nowhere. */
export function keyTarget(event, { row, column }, { total, columns, page }) {
  const whole = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case "ArrowDown": return [whole ? total - 1 : row + 1, column];
    case "ArrowUp": return [whole ? 0 : row - 1, column];
    case "ArrowRight": return [row, whole ? columns.length - 1 : column + 1];
    case "ArrowLeft": return [row, whole ? 0 : column - 1];
    case "PageDown": return [row + page, column];
    case "PageUp": return [row - page, column];
    case "Home": return [whole ? 0 : row, 0];
    case "End": return [whole ? total - 1 : row, columns.length - 1];
    default: return undefined;
  }
}
