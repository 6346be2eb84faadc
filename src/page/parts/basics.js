// Small parts that all views use.
import { classes, html, useEffect, useRef, useState } from "../lib/html.js";
import { ago, time } from "../lib/format.js";
import { Refusal } from "../lib/api.js";

/** Puts text on the clipboard and says so; where the browser refuses, the text is shown to be copied by hand. */
export function Copy({ text, label = "Copy", title, quiet = false }) {
  const [done, setDone] = useState("");
  const timer = useRef();
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    const value = typeof text === "function" ? text() : text;
    setDone((await toClipboard(value)) ? "Copied" : "Not allowed here");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(""), 1500);
  };
  return html`<button type="button" class=${classes("copy", quiet && "quiet")} title=${title} disabled=${text === ""} onClick=${copy}>
    <${Icon} name="copy" />${done || label}<span class="hidden" role="status">${done}</span></button>`;
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Plain http on a name that is not local has no clipboard; a selection works there. */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

const ICONS = {
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  key: "M5.2 13.3a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM7.1 8.7 13.5 2.3M10.6 5.2l2.2 2.2",
  close: "M4 4l8 8M12 4l-8 8",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  right: "M6 3.5 10.5 8 6 12.5",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M3 13l1.1-1.1M11.9 4.1 13 3",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  auto: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  panel: "M2.5 3h11v10h-11zM10 3v10",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  lock: "M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9z",
  plus: "M8 3v10M3 8h10",
  play: "M5 3l8 5-8 5z",
  more: "M8 3.2v.1M8 8v.1M8 12.8v.1",
  edit: "M3 13l.6-3L10.8 2.8l2.4 2.4L6 12.4z",
  undo: "M6 4.5 3 7.5l3 3M3.2 7.5h6a3.5 3.5 0 0 1 0 7H7",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
};

/** A drawing that says nothing a screen reader needs. */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${ICONS[name]} /></svg>`;
}

/** How an answer failed, with what to change. */
export function Failure({ error, again }) {
  if (!error) return null;
  const missing = error instanceof Refusal && error.status === 404 && /admin call/.test(error.message);
  return html`<div class="failure" role="alert">
    <strong>${missing ? "This server does not have that part." : error.message}</strong>
    ${error.hint && html`<p>${error.hint}</p>`}
    ${error.code && html`<p class="faint mono">${error.code}${error.status ? ` · ${error.status}` : ""}</p>`}
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/** A time as "3 min ago", the exact one in its title. */
export function Ago({ iso }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  if (!iso) return html`<span class="faint">never</span>`;
  return html`<time datetime=${iso} title=${time(iso)}>${ago(iso)}</time>`;
}

/** Links to the same thing for programs. */
export function Twins({ links, label }) {
  return html`<span class="twins">${label && html`<span class="faint">${label}:</span>`}${links.map(([name, href, download]) =>
    html`<a href=${href} download=${download} target=${download ? undefined : "_blank"} rel="noopener">${name}</a>`)}</span>`;
}

/** Code with a button that copies it. */
export function Code({ text, label }) {
  return html`<figure class="code"><pre tabindex="0" aria-label=${label}>${text}</pre><${Copy} text=${text} quiet title=${`Copy ${label ?? "this"}`} /></figure>`;
}

/** What stands where there is nothing. */
export function Empty({ title, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;
}

/** Links as tabs of a view. */
export function Tabs({ label, tabs, active }) {
  return html`<nav class="tabs" aria-label=${label}>${tabs.map(([name, text, href]) =>
    html`<a href=${href} aria-current=${name === active ? "page" : undefined}>${text}</a>`)}</nav>`;
}

/** A switch with a text. */
export function Switch({ label, checked, onChange, title }) {
  return html`<label class="switch" title=${title}><input type="checkbox" role="switch" checked=${checked}
    onChange=${(event) => onChange(event.currentTarget.checked)} /><span aria-hidden="true"></span>${label}</label>`;
}

/** A field with its label above it. */
export function Field({ label, hint, children }) {
  return html`<label class="field"><span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;
}

/** A window over the page; Escape closes it, the focus comes back. */
export function Dialog({ title, onClose, children, wide = false }) {
  const dialog = useRef();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.focus?.();
  }, []);
  const outside = (event) => event.target === dialog.current && onClose();
  return html`<dialog ref=${dialog} class=${wide ? "wide" : ""} aria-labelledby="dialog-title" onClose=${onClose} onClick=${outside}>
    <div class="dialog-body"><header><h2 id="dialog-title">${title}</h2>
      <button type="button" class="quiet" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    ${children}</div></dialog>`;
}

/** A short word with a colour of its own; the word says what the colour says. */
export const Mark = ({ kind = "", children }) => html`<span class=${`mark ${kind}`}>${children}</span>`;
