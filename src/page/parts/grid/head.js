// The head of a column: its name, which sorts, its note, its menu, and the edge that sets its width.
import { classes, html, useRef } from "../../lib/html.js";
import { isNumeric } from "../../lib/cell.js";
import { Icon } from "../basics.js";
import { NARROWEST, WIDEST, clamp } from "./measures.js";

export function Head({ column, index, left, sort, onSort, onColumn, onMenu, onWidth, chosen }) {
  const order = sort?.[0] === column.id ? sort[1] : undefined;
  const direction = order === "asc" ? "ascending" : order === "desc" ? "descending" : "none";
  const menu = (event) => {
    event.preventDefault();
    const box = event.currentTarget.closest(".grid-title").getBoundingClientRect();
    onMenu(column, { x: box.left, y: box.bottom });
  };
  return html`<div class=${classes("grid-title", isNumeric(column.type) && "right", chosen && "chosen", onMenu && "has-menu")} role="columnheader" aria-colindex=${index + 2}
      aria-sort=${onSort ? direction : undefined} style=${{ left: `${left}px`, width: `${column.width}px` }} onContextMenu=${onMenu && menu}>
    <button type="button" class="grid-name" disabled=${!onSort} title=${onSort ? `Sort by ${column.label}` : column.label} onClick=${() => onSort?.(column.id)}>
      ${column.mark && html`<${Icon} name="key" />`}<bdi>${column.label}</bdi>${order && html`<${Icon} name=${order === "asc" ? "up" : "down"} />`}</button>
    ${onColumn
      ? html`<button type="button" class="grid-note" title=${`Values of ${column.label}`} onClick=${() => onColumn(column.id)}>${column.note}</button>`
      : html`<span class="grid-note">${column.note}</span>`}
    ${onMenu && html`<button type="button" class="grid-menu quiet" aria-haspopup="menu" aria-label=${`Column ${column.label}`} title="Sort, filter, hide, move" onClick=${menu}><${Icon} name="more" /></button>`}
    ${onWidth && html`<${Edge} column=${column} onWidth=${onWidth} />`}
  </div>`;
}

/** Drag for a width, double-click for the width that fits; the column's menu does the same by keys. */
function Edge({ column, onWidth }) {
  const drag = useRef(null);
  const width = (event) => clamp(drag.current.width + event.clientX - drag.current.x, NARROWEST, WIDEST);
  return html`<span class="grid-edge" aria-hidden="true"
    onPointerDown=${(event) => {
      event.preventDefault();
      drag.current = { x: event.clientX, width: column.width };
      event.currentTarget.setPointerCapture(event.pointerId);
    }}
    onPointerMove=${(event) => drag.current && onWidth(column.id, width(event))}
    onPointerUp=${() => { drag.current = null; }}
    onDblClick=${() => onWidth(column.id, undefined)}></span>`;
}
