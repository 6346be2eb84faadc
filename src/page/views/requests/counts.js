// What became of the rows of a request, as signs and numbers.
import { html } from "../../lib/html.js";
import { count } from "../../lib/format.js";
import { Mark } from "../../parts/basics.js";

const PARTS = [["created", "good", "+"], ["updated", "info", "~"], ["deleted", "quiet", "−"], ["errors", "bad", "!"]];

export function Counts({ rows }) {
  if (!rows) return null;
  const some = PARTS.filter(([name]) => rows[name] > 0);
  return html`<span class="counts">${some.map(([name, colour, sign]) => html`<${Mark} kind=${colour}><span title=${name}>${sign}${count(rows[name])}<span class="hidden"> ${name}</span></span><//>`)}${!some.length && html`<span class="faint">none</span>`}</span>`;
}

export const statusColour = (status) => (status >= 500 || !status ? "bad" : status >= 400 ? "warn" : "good");
