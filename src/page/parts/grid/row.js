// One row of a grid: its number, the frozen columns, which stay when the rest scrolls, and the cells that are seen.
import { classes, html } from "../../lib/html.js";
import { cell, isNumeric } from "../../lib/cell.js";
import { count } from "../../lib/format.js";
import { ROW, cellId } from "./measures.js";

export function Row({ index, row, seen, frozen, frozenWidth, y, width, active, pick, onOpen, onCell, rowLink, editor }) {
  const link = row && rowLink?.(row);
  const draw = ({ column, index: at, left }) => html`<div key=${column.id} id=${cellId(index, at)} role="gridcell" aria-colindex=${at + 2}
      class=${classes("grid-cell", isNumeric(column.type) && "right", active === at && "active")}
      style=${{ left: `${left}px`, width: `${column.width}px` }}
      onMouseDown=${() => pick(index, at)} onDblClick=${() => row && onOpen?.(row, column)}
      onContextMenu=${onCell && row && ((event) => { event.preventDefault(); pick(index, at); onCell(row, column, { x: event.clientX, y: event.clientY }); })}>
      ${active === at && editor ? editor : row ? cell(row[column.field ?? column.id], column.type) : html`<span class="waiting"></span>`}</div>`;
  return html`<div class=${classes("grid-row", index % 2 && "odd")} role="row" aria-rowindex=${index + 2}
      style=${{ transform: `translateY(${y}px)`, width: `${width}px`, height: `${ROW}px` }}>
    <div class="grid-gutter" role="rowheader" aria-colindex="1">${link
      ? html`<a href=${link} tabindex="-1" title="Open this row">${count(index + 1)}</a>` : count(index + 1)}</div>
    ${frozen.length > 0 && html`<div class="grid-frozen" role="presentation" style=${{ width: `${frozenWidth}px` }}>${frozen.map(draw)}</div>`}
    ${seen.map(draw)}
  </div>`;
}
