// The lines of the log.
import { classes, html, memo, useMemo, useState } from "../../lib/html.js";
import { get, path } from "../../lib/api.js";
import { address, go } from "../../lib/route.js";
import { clockTime, count, duration } from "../../lib/format.js";
import { Failure, Mark } from "../../parts/basics.js";
import { Counts, statusColour } from "./counts.js";
import { asked, clientOf } from "./filters.js";
import { alone, firstOf, folded, timesOf } from "./fold.js";

/** So many of the requests that one line stands for are shown when it is opened. */
const INNER = 1000;

export function Log({ entries, chosen, params, fold }) {
  const [open, setOpen] = useState(new Set());
  const [inner, setInner] = useState(new Map());
  const [error, setError] = useState(null);
  const lines = useMemo(() => (fold ? folded(entries) : entries.map(alone)), [entries, fold]);
  const link = (entry) => address(["requests", String(entry.id)], params);
  const onKeyDown = (event) => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...event.currentTarget.querySelectorAll("a.entry")];
    links[links.indexOf(document.activeElement) + step]?.focus();
  };
  /** Reads the requests that a line of the server's list stands for. */
  const read = (entry) => get(path(["requests"], { ...asked(params), since: firstOf(entry) - 1, before: entry.id, limit: INNER })).then(
    (answer) => setInner((old) => new Map(old).set(entry.id, answer.requests.reverse())), setError);
  const draw = ({ members, times }) => {
    // A fold is known by its oldest request: it stays open while newer ones join it.
    const name = firstOf(members.at(-1));
    const isOpen = open.has(name);
    const toggle = () => {
      const next = new Set(open);
      if (!next.delete(name)) {
        next.add(name);
        for (const entry of members) if (entry.folded && !inner.has(entry.id)) void read(entry);
      }
      setOpen(next);
    };
    const shown = isOpen ? members.flatMap((entry) => [entry, ...(inner.get(entry.id) ?? [])]) : [members[0]];
    const missing = isOpen ? members.filter((entry) => inner.get(entry.id)?.length === INNER).reduce((sum, entry) => sum + timesOf(entry) - 1 - INNER, 0) : 0;
    return [shown.map((item, index) => html`<${Entry} key=${item.id} entry=${item} chosen=${item.id === chosen} link=${link(item)}
      times=${index === 0 ? times : 1} open=${isOpen} toggle=${times > 1 && index === 0 ? toggle : undefined} />`),
    missing > 0 && html`<tr key=${`rest of ${name}`}><td colspan="7" class="faint">and ${count(missing)} older ones</td></tr>`];
  };
  return html`<${Failure} error=${error} /><table class="list log-table" onKeyDown=${onKeyDown}><thead><tr><th scope="col" class="right">No.</th><th scope="col" class="wide-only">Time</th><th scope="col">Status</th><th scope="col">Request</th>
      <th scope="col">Rows</th><th scope="col" class="wide-only">Client</th><th scope="col" class="right wide-only">Took</th></tr></thead>
    <tbody>${lines.map(draw)}</tbody></table>`;
}

/** A line is drawn again when what it shows is another; the function that unfolds it says nothing of that. */
const Entry = memo(({ entry, chosen, link, times, open, toggle }) => html`<tr class=${classes("pick", chosen && "chosen")}
      onClick=${(event) => !event.target.closest("a, button") && !String(getSelection()) && go(link)}>
      <td class="right number faint">${entry.id}</td><td class="number faint wide-only" title=${entry.at}>${clockTime(entry.at)}</td>
      <td class="nowrap-cell">${times > 1 && html`<button type="button" class="quiet times" aria-expanded=${open} aria-label=${`${count(times)} alike`} onClick=${toggle}>${count(times)} ×</button> `}<${Mark} kind=${statusColour(entry.status)}>${entry.status ?? "none"}<//></td>
      <td class="what"><div><a class="entry mono" href=${link} aria-current=${chosen ? "true" : undefined}><b>${entry.method}</b> ${entry.path}${entry.query ? html`<span class="faint">?${readable(entry.query)}</span>` : ""}</a>
        ${entry.fault && html` <${Mark} kind="warn">fault ${entry.fault.id}<//>`}
        ${entry.error?.message && html` <span class="faint" title=${entry.error.message}>${entry.error.message}</span>`}</div></td>
      <td class="nowrap-cell"><${Counts} rows=${entry.rows} /></td><td class="wide-only client">${clientOf(entry)}${entry.tls ? "" : html` <span class="faint">http</span>`}</td>
      <td class="right number faint wide-only nowrap-cell">${entry.duration_us === null || entry.duration_us === undefined ? "" : duration(entry.duration_us / 1000)}</td></tr>`);

function readable(query) {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}
