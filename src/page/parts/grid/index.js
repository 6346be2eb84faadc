// A table of any length: only what is seen is drawn, across and down.
import { html, useEffect, useLayoutEffect } from "../../lib/html.js";
import { onLeave, placeOf, rememberPlace } from "../../lib/route.js";
import { keyTarget, useActive } from "./active.js";
import { Head } from "./head.js";
import { GUTTER, HEAD, ROW, SPARE, cellId, clamp, offsets } from "./measures.js";
import { Row } from "./row.js";
import { useScroll } from "./scroll.js";

export { fittingWidth } from "./width.js";

/** Frozen columns may take this share of the width; where they would take more, none is frozen. */
const FROZEN_SHARE = 0.5;

/** Comes back to the row, the cell and the place from which a person left. */
function useReturn({ name, scroll, activeRef, total }) {
  const { element, at, restore } = scroll;
  useEffect(() => onLeave(() => rememberPlace(name, {
    top: at.top, left: at.left, ...activeRef.current, focus: element.current?.contains(document.activeElement),
  })), [name]);
  useEffect(() => {
    const back = () => {
      const place = placeOf(name);
      if (!place) return;
      activeRef.current = { row: place.row, column: place.column };
      restore(place);
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, [name]);
  useLayoutEffect(() => {
    if (total > 0 && placeOf(name)?.focus) element.current.focus({ preventScroll: true });
  }, [name, total > 0]);
}

/**
 * `columns`: `{ id, field, label, note, type, width, mark }`, of which the first `frozen` stay while the others scroll;
 * `rowAt(index)` a row or undefined while it is fetched; `want(first, last)` is told what is seen; `onOpen(row, column)` for
 * Enter and a double click; `onCell(row, column, place)` for the menu of a cell; `rowLink(row)` for the number of a row;
 * `sort` `[id, "asc"|"desc"]`; `onSort(id)`; `onColumn(id)`; `onMenu(column, place)`; `onWidth(id, width)`; `onKey(event, row,
 * column)` first hears a key and answers whether it took it; `editor` stands in the active cell; `name` keeps the place in
 * the history.
 */
export function Grid({ label, name = label, columns, frozen: wantedFrozen = 0, total, rowAt, want, onOpen, onCell, rowLink, sort, onSort, onColumn, onMenu, onWidth, onKey, editor, chosen, stale }) {
  const place = placeOf(name);
  const scroll = useScroll(total, place);
  const { at, element } = scroll;
  const lefts = offsets(columns);
  const width = lefts.at(-1);
  const fits = (lefts[wantedFrozen] ?? 0) <= Math.max(at.width, 1) * FROZEN_SHARE;
  const frozenCount = fits ? wantedFrozen : 0;
  const frozenWidth = lefts[frozenCount] - GUTTER;
  const first = clamp(Math.floor(at.top / ROW) - SPARE, 0, total);
  const last = clamp(Math.ceil((at.top + at.height) / ROW) + SPARE, 0, total);
  const { activeRef, move, toColumn } = useActive({ total, columns, scroll, lefts, frozenWidth, place });
  const active = activeRef.current;
  useReturn({ name, scroll, activeRef, total });
  useEffect(() => {
    if (last > first) want?.(first, last - 1);
  }, [first, last, want]);
  useEffect(() => {
    const index = columns.findIndex((column) => column.id === chosen);
    if (index >= 0) toColumn(index);
  }, [chosen, at.width > 0]);

  const all = columns.map((column, index) => ({ column, index, left: lefts[index] }));
  const frozen = all.slice(0, frozenCount).map((item) => ({ ...item, left: item.left - GUTTER }));
  const seen = all.slice(frozenCount).filter(({ left, column }) => left + column.width > at.left - 200 && left < at.left + at.width + 200);
  const onKeyDown = (event) => {
    if (event.target !== element.current) return;
    const { row, column } = activeRef.current;
    if (onKey?.(event, rowAt(row), columns[column])) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter") {
      if (rowAt(row)) onOpen?.(rowAt(row), columns[column]);
      return;
    }
    if (onCell && rowAt(row) && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      event.preventDefault();
      const box = document.getElementById(cellId(row, column))?.getBoundingClientRect();
      if (box) onCell(rowAt(row), columns[column], { x: box.left, y: box.bottom });
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
    rows.push(html`<${Row} key=${index} index=${index} row=${rowAt(index)} seen=${seen} frozen=${frozen} frozenWidth=${frozenWidth} y=${index * ROW - at.top}
      width=${width} active=${active.row === index ? active.column : -1} pick=${move} onOpen=${onOpen} onCell=${onCell} rowLink=${rowLink} editor=${editor} />`);
  }
  const head = (item) => html`<${Head} key=${item.column.id} ...${item} sort=${sort} onSort=${onSort} onColumn=${onColumn} onMenu=${onMenu} onWidth=${onWidth} chosen=${chosen === item.column.id} />`;
  return html`<div class=${stale ? "grid stale" : "grid"} ref=${element} role="grid" tabindex="0" aria-label=${label} aria-rowcount=${total + 1} aria-busy=${stale ? "true" : undefined}
      aria-colcount=${columns.length + 1} aria-activedescendant=${total ? cellId(active.row, active.column) : undefined}
      onScroll=${scroll.onScroll} onKeyDown=${onKeyDown}>
    <div class="grid-space" role="presentation" style=${{ height: `${scroll.drawn + HEAD}px`, width: `${width}px` }}>
      <div class="grid-head" role="rowgroup" style=${{ width: `${width}px` }}><div role="row" aria-rowindex="1">
        <div class="grid-gutter" role="columnheader" aria-colindex="1"><span class="hidden">Row</span></div>
        ${frozen.length > 0 && html`<div class="grid-frozen" role="presentation" style=${{ width: `${frozenWidth}px` }}>${frozen.map(head)}</div>`}
        ${seen.map(head)}
      </div></div>
      <div class="grid-layer" role="rowgroup" style=${{ height: `${at.height}px`, width: `${width}px` }}>${rows}</div>
    </div>
  </div>`;
}
