// One value with nothing cut off.
import { html } from "../../lib/html.js";
import { plain } from "../../lib/cell.js";
import { plural } from "../../lib/format.js";
import { Copy, Dialog } from "../../parts/basics.js";

/** A value as text that can be copied; geometry and other structures as JSON. */
export const textOf = (value, type) => (value !== null && typeof value === "object" ? JSON.stringify(value, null, 2) : value === undefined || value === null ? "" : typeof value === "string" ? value : plain(value, type));

export function WholeValue({ value, column, onClose }) {
  const text = textOf(value, column.type);
  return html`<${Dialog} title=${column.label} wide onClose=${onClose}>
    <p class="facts"><span class="mono">${column.id}</span><span>${plural(Array.from(text).length, "letter")}</span><${Copy} text=${text} quiet /></p>
    <pre class="body" tabindex="0" aria-label=${`Value of ${column.label}`}><bdi>${text}</bdi></pre><//>`;
}
