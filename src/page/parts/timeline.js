// Writes in a row, the oldest first: how many rows each created, changed and deleted.
import { html } from "../lib/html.js";
import { count, plural, time } from "../lib/format.js";

const HEIGHT = 64;
const KINDS = ["created", "updated", "deleted"];

const total = (write) => KINDS.reduce((sum, kind) => sum + (write[kind] ?? 0), 0);
/** Few rows stay seen beside many. */
const tall = (rows, most) => (rows ? Math.max(4, (Math.log1p(rows) / Math.log1p(most)) * HEIGHT) : 2);

/** `link(version)` leads to the data as it was after a write; `chosen` is the version that is shown. */
export function Timeline({ writes, link, chosen }) {
  if (writes.length < 1) return null;
  const most = Math.max(1, ...writes.map(total));
  return html`<nav class="timeline" aria-label="Writes over time">${writes.map((write) => {
    const all = total(write);
    const words = KINDS.filter((kind) => write[kind] > 0).map((kind) => `${count(write[kind])} ${kind}`).join(", ") || (write.emptied ? `emptied of ${plural(write.emptied, "row")}` : "no row");
    const text = `Version ${write.version}, ${time(write.at)}: ${words}`;
    return html`<a key=${write.version} href=${link(write.version)} title=${text} aria-label=${text} aria-current=${write.version === chosen ? "true" : undefined}>
      <span class="stack" style=${{ height: `${tall(all, most)}px` }}>${KINDS.map((kind) => write[kind] > 0 && html`<span class=${kind} style=${{ flexGrow: write[kind] }}></span>`)}</span></a>`;
  })}</nav>`;
}
