// A menu at a place of the page: arrow keys move, Enter takes, Escape leaves; the focus goes back to where it was.
import { classes, html, useLayoutEffect, useRef, useState } from "../lib/html.js";

const MARGIN = 6;

/**
 * `place` `{ x, y }` in the window; `items` `{ text, note, action, disabled, danger }`, null for a line between; what is
 * false is left out.
 */
export function Menu({ label, place, items, onClose }) {
  const menu = useRef();
  const [at, setAt] = useState(place);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const box = menu.current.getBoundingClientRect();
    setAt({ x: Math.max(MARGIN, Math.min(place.x, innerWidth - box.width - MARGIN)), y: Math.max(MARGIN, Math.min(place.y, innerHeight - box.height - MARGIN)) });
    menu.current.querySelector("button:not(:disabled)")?.focus();
    const outside = (event) => !menu.current?.contains(event.target) && onClose();
    addEventListener("pointerdown", outside, true);
    addEventListener("resize", onClose);
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", onClose);
      if (!document.activeElement || document.activeElement === document.body || document.activeElement.closest?.("[role=menu]")) before?.focus?.({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event) => {
    const buttons = [...menu.current.querySelectorAll("button:not(:disabled)")];
    const now = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const take = (item) => {
    onClose();
    item.action();
  };
  return html`<div class="menu" role="menu" aria-label=${label} ref=${menu} style=${{ left: `${at.x}px`, top: `${at.y}px` }} onKeyDown=${onKeyDown}>
    ${items.filter((item) => item !== false && item !== undefined).map((item) => (item === null ? html`<hr />`
      : html`<button type="button" role="menuitem" class=${classes("quiet", item.danger && "danger")} disabled=${item.disabled} onClick=${() => take(item)}>
          <span>${item.text}</span>${item.note && html`<small>${item.note}</small>`}</button>`))}</div>`;
}
