// A table of any length: only what is seen is drawn, across and down.
import { classes, html, useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "../lib/html.js";
import { cell, isNumeric, plain } from "../lib/cell.js";
import { Icon } from "./basics.js";
import { count } from "../lib/format.js";

const ROW = 28;
const HEAD = 46;
const GUTTER = 68;
/** Browsers draw nothing that is much higher; beyond it the scroll bar stands for more than its length. */
const HIGHEST = 12_000_000;
const SPARE = 6;

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** Where the grid stands, kept outside the drawing: `top` counts real pixels of all rows. */
function useScroll(total) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const element = useRef();
  const at = useRef({ top: 0, left: 0, width: 0, height: 0, bar: 0, timer: 0 });
  const whole = total * ROW;
  const drawn = Math.min(whole, HIGHEST);
  const range = () => ({ top: Math.max(0, whole - at.current.height), bar: Math.max(0, drawn - at.current.height) });

  const toBar = useCallback(() => {
    const { top, bar } = range();
    if (whole === drawn) return;
    element.current.scrollTop = top ? (at.current.top / top) * bar : 0;
    at.current.bar = element.current.scrollTop;
  }, [whole, drawn]);

  const onScroll = useCallback(() => {
    // A last scroll may be told after the grid has gone.
    if (!element.current) return;
    const { scrollTop, scrollLeft } = element.current;
    const step = scrollTop - at.current.bar;
    const { top, bar } = range();
    if (whole === drawn) at.current.top = scrollTop;
    else if (scrollTop <= 0) at.current.top = 0;
    else if (scrollTop >= bar - 1) at.current.top = top;
    // A turn of the wheel moves by as much as it says; a pull on the bar by its share of the whole.
    else if (Math.abs(step) < 3 * at.current.height) at.current.top = clamp(at.current.top + step, 0, top);
    else at.current.top = (scrollTop / bar) * top;
    Object.assign(at.current, { left: scrollLeft, bar: scrollTop });
    clearTimeout(at.current.timer);
    at.current.timer = setTimeout(() => element.current && toBar(), 250);
    redraw();
  }, [whole, drawn, toBar]);

  const moveTo = useCallback((top) => {
    at.current.top = clamp(top, 0, range().top);
    if (whole === drawn) element.current.scrollTop = at.current.top;
    else toBar();
    redraw();
  }, [whole, drawn, toBar]);

  useLayoutEffect(() => {
    const measure = () => {
      if (!element.current) return;
      at.current.width = element.current.clientWidth;
      at.current.height = element.current.clientHeight - HEAD;
      at.current.top = clamp(at.current.top, 0, range().top);
      redraw();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      clearTimeout(at.current.timer);
    };
  }, [whole]);

  return { element, at: at.current, onScroll, moveTo, drawn };
}

/** The cell that the keys move; it may lie where nothing is drawn at the moment. */
function useActive({ total, columns, scroll, lefts }) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const active = useRef({ row: 0, column: 0 });
  const move = (row, column) => {
    active.current = { row: clamp(row, 0, Math.max(0, total - 1)), column: clamp(column, 0, columns.length - 1) };
    const { at, element, moveTo } = scroll;
    const y = active.current.row * ROW;
    if (y < at.top) moveTo(y);
    else if (y + ROW > at.top + at.height) moveTo(y + ROW - at.height);
    const left = lefts[active.current.column];
    const right = left + (columns[active.current.column]?.width ?? 0);
    if (left - GUTTER < at.left) element.current.scrollLeft = left - GUTTER;
    else if (right > at.left + at.width) element.current.scrollLeft = right - at.width;
    // The browser tells of the scrolling a frame later; the active cell has to be drawn with this redraw.
    at.left = element.current.scrollLeft;
    redraw();
  };
  return [active, move];
}

function keyTarget(event, { row, column }, { total, columns, page }) {
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

/**
 * `columns`: `{ id, label, note, type, width, mark }`; `rowAt(index)` a row or undefined while it is fetched;
 * `want(first, last)` is told what is seen; `onOpen(row)` for Enter and a double click; `rowLink(row)` for the
 * number of a row; `sort` `[id, "asc"|"desc"]`; `onSort(id)`; `onColumn(id)`.
 */
export function Grid({ label, columns, total, rowAt, want, onOpen, rowLink, sort, onSort, onColumn, chosen }) {
  const scroll = useScroll(total);
  const { at, element } = scroll;
  const lefts = offsets(columns);
  const width = lefts.at(-1);
  const first = clamp(Math.floor(at.top / ROW) - SPARE, 0, total);
  const last = clamp(Math.ceil((at.top + at.height) / ROW) + SPARE, 0, total);
  const [activeRef, move] = useActive({ total, columns, scroll, lefts });
  const active = activeRef.current;
  useEffect(() => {
    if (last > first) want?.(first, last - 1);
  }, [first, last, want]);

  const seen = columns
    .map((column, index) => ({ column, index, left: lefts[index] }))
    .filter(({ left, column }) => left + column.width > at.left - 200 && left < at.left + at.width + 200);
  const onKeyDown = (event) => {
    if (event.target !== element.current) return;
    if (event.key === "Enter") {
      const row = rowAt(activeRef.current.row);
      if (row) onOpen?.(row);
      return;
    }
    const page = Math.max(1, Math.floor(at.height / ROW) - 1);
    const target = keyTarget(event, activeRef.current, { total, columns, page });
    if (!target) return;
    event.preventDefault();
    move(...target);
  };
  const rows = [];
  for (let index = first; index < last; index += 1) {
    rows.push(html`<${Row} key=${index} index=${index} row=${rowAt(index)} seen=${seen} y=${index * ROW - at.top}
      width=${width} active=${active.row === index ? active.column : -1} pick=${move} onOpen=${onOpen} rowLink=${rowLink} />`);
  }
  return html`<div class="grid" ref=${element} role="grid" tabindex="0" aria-label=${label} aria-rowcount=${total + 1}
      aria-colcount=${columns.length + 1} aria-activedescendant=${total ? cellId(active.row, active.column) : undefined}
      onScroll=${scroll.onScroll} onKeyDown=${onKeyDown}>
    <div class="grid-space" role="presentation" style=${{ height: `${scroll.drawn + HEAD}px`, width: `${width}px` }}>
      <div class="grid-head" role="rowgroup" style=${{ width: `${width}px` }}><div role="row" aria-rowindex="1">
        <div class="grid-gutter" role="columnheader" aria-colindex="1"><span class="hidden">Row</span></div>
        ${seen.map((item) => html`<${Head} ...${item} sort=${sort} onSort=${onSort} onColumn=${onColumn} chosen=${chosen === item.column.id} />`)}
      </div></div>
      <div class="grid-layer" role="rowgroup" style=${{ height: `${at.height}px`, width: `${width}px` }}>${rows}</div>
    </div>
  </div>`;
}

const cellId = (row, column) => `cell-${row}-${column}`;

function offsets(columns) {
  const lefts = [GUTTER];
  for (const column of columns) lefts.push(lefts.at(-1) + column.width);
  return lefts;
}

function Head({ column, index, left, sort, onSort, onColumn, chosen }) {
  const order = sort?.[0] === column.id ? sort[1] : undefined;
  const direction = order === "asc" ? "ascending" : order === "desc" ? "descending" : "none";
  return html`<div class=${classes("grid-title", isNumeric(column.type) && "right", chosen && "chosen")} role="columnheader" aria-colindex=${index + 2}
      aria-sort=${onSort ? direction : undefined} style=${{ left: `${left}px`, width: `${column.width}px` }}>
    <button type="button" class="grid-name" disabled=${!onSort} title=${onSort ? `Sort by ${column.label}` : column.label} onClick=${() => onSort?.(column.id)}>
      ${column.mark && html`<${Icon} name="key" />`}<bdi>${column.label}</bdi>${order && html`<${Icon} name=${order === "asc" ? "up" : "down"} />`}</button>
    ${onColumn
      ? html`<button type="button" class="grid-note" title=${`Values of ${column.label}`} onClick=${() => onColumn(column.id)}>${column.note}</button>`
      : html`<span class="grid-note">${column.note}</span>`}
  </div>`;
}

function Row({ index, row, seen, y, width, active, pick, onOpen, rowLink }) {
  const link = row && rowLink?.(row);
  return html`<div class=${classes("grid-row", index % 2 && "odd")} role="row" aria-rowindex=${index + 2}
      style=${{ transform: `translateY(${y}px)`, width: `${width}px` }}>
    <div class="grid-gutter" role="rowheader" aria-colindex="1">${link
      ? html`<a href=${link} tabindex="-1" title="Open this row">${count(index + 1)}</a>` : count(index + 1)}</div>
    ${seen.map(({ column, index: at, left }) => html`<div key=${column.id} id=${cellId(index, at)} role="gridcell" aria-colindex=${at + 2}
        class=${classes("grid-cell", isNumeric(column.type) && "right", active === at && "active")}
        style=${{ left: `${left}px`, width: `${column.width}px` }}
        onMouseDown=${() => pick(index, at)} onDblClick=${() => row && onOpen?.(row)}>
      ${row ? cell(row[column.id], column.type) : html`<span class="waiting"></span>`}</div>`)}
  </div>`;
}

/** A width that fits the name and the first rows. */
export function fittingWidth({ label, note = "", type, mark }, values) {
  const letters = Math.max(0, ...values.map((value) => lettersOf(plain(value, type))));
  const head = Math.max(label.length * 8.2 + (mark ? 44 : 28), note.length * 6.6 + 24);
  return Math.round(clamp(Math.max(head, letters * 7.4 + 24), 72, 320));
}

/** Wide letters count twice. */
function lettersOf(text) {
  const start = text.slice(0, 60);
  return start.length + (start.match(/[\u1100-\uffef]/g)?.length ?? 0);
}
