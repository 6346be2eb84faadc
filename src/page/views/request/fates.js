// What became of each row of a write: one line a row, with what was sent for it and what to change.
import { html, useMemo, useState } from "../../lib/html.js";
import { address, go } from "../../lib/route.js";
import { plural } from "../../lib/format.js";
import { save, table } from "../../lib/files.js";
import { sentRows } from "../../lib/sent.js";
import { Grid, fittingWidth } from "../../parts/grid/index.js";
import { Empty, Mark } from "../../parts/basics.js";
import { WholeValue } from "../rows/value.js";
import { Counts } from "../requests/counts.js";

const COLOURS = { created: "good", updated: "info", deleted: "quiet", error: "bad" };
const ORDER = ["error", "created", "updated", "deleted"];
/** The most lines that are seen at once. */
const LINES = 12;

/** What to change, by the code of a row's error; `key` is the row identifier's name. */
const ADVICE = {
  no_primary_key: (key) => `Send a value for ${key}.`,
  no_such_row_to_delete: () => "Leave the row out, or create it first.",
  no_such_row_to_update: () => "Create the row first, or send it without :id.",
  version_mismatch: () => "Read the row again and send its present :version, or none.",
  version_on_new_row: () => "Leave :version out: the row does not exist yet.",
};

const words = ({ code, fate }) => (code ? code.replaceAll("_", " ") : fate);

/** The column that an error is about: the one it names, or the row identifier. */
function columnOf(fate, { row_identifier: key, columns = [] } = {}) {
  if (fate.fate !== "error") return "";
  const text = fate.reason ?? "";
  const named = columns.filter(({ fieldName }) => new RegExp(`(^|[^\\w])${fieldName.replace(/[^\w]/g, "\\$&")}($|[^\\w])`).test(text));
  return named[0]?.fieldName ?? (/key|delete|update/.test(fate.code ?? "") ? key ?? ":id" : "");
}

/** The lines of the table. */
export function linesOf(entry, dataset) {
  const sent = sentRows(entry.request);
  return entry.fates.map((fate) => ({
    position: String(fate.index), key: fate.key === null ? "" : String(fate.key), fate: fate.fate, group: words(fate), sent: sent(fate.index) ?? "",
    column: columnOf(fate, dataset), reason: fate.reason ?? "", change: fate.fate === "error" ? (ADVICE[fate.code]?.(dataset?.row_identifier ?? ":id") ?? "") : "",
  }));
}

const COLUMNS = [["position", "Position", "number"], ["key", "Key", "text"], ["fate", "Fate", "text"], ["column", "Column", "text"], ["reason", "Reason", "text"], ["change", "What to change", "text"], ["sent", "Sent", "text"]];

export function Fates({ entry, dataset }) {
  const [group, setGroup] = useState("");
  const [text, setText] = useState("");
  const [whole, setWhole] = useState(null);
  const lines = useMemo(() => linesOf(entry, dataset), [entry, dataset]);
  const groups = useMemo(() => groupsOf(lines), [lines]);
  const wanted = text.toLowerCase();
  const shown = useMemo(() => lines.filter((line) => (!group || line.group === group) && (!wanted || Object.values(line).join("\n").toLowerCase().includes(wanted))), [lines, group, wanted]);
  const hasErrors = shown.some((line) => line.fate === "error");
  const columns = useMemo(() => COLUMNS.filter(([id]) => hasErrors || !["column", "reason", "change"].includes(id)).map(([id, label, type]) => {
    const column = { id, label, note: "", type };
    return { ...column, width: fittingWidth(column, shown.slice(0, 50).map((line) => line[id])) };
  }), [shown, hasErrors]);
  if (!entry.rows) return null;
  const key = (line) => entry.dataset && line.key && line.fate !== "error" && address(["datasets", entry.dataset, "row", line.key]);
  const csv = () => save(`request-${entry.id}-rows.csv`, "text/csv", table(COLUMNS.map(([, label]) => label), shown.map((line) => COLUMNS.map(([id]) => line[id]))));
  return html`<section class="fates"><h3>Rows</h3><p><${Counts} rows=${entry.rows} /></p>
    ${lines.length > 0 && html`<div class="actions"><div class="segments" role="group" aria-label="Rows with this fate"><button type="button" aria-pressed=${!group} onClick=${() => setGroup("")}>All</button>
      ${groups.map((item) => html`<button type="button" key=${item.name} aria-pressed=${group === item.name} onClick=${() => setGroup(group === item.name ? "" : item.name)}><${Mark} kind=${COLOURS[item.fate]}>${item.fate}<//>${plural(item.count, "row")}: ${item.name}</button>`)}</div>
      <label class="search small"><span class="hidden">Rows that hold this text</span><input type="search" placeholder="Text in a row" value=${text} onInput=${(event) => setText(event.currentTarget.value)} /></label>
      <button type="button" onClick=${csv}>Save as CSV</button></div>
      ${shown.length ? html`<div class="fate-table" style=${{ height: `${Math.min(shown.length, LINES) * 28 + 64}px` }}><${Grid} label=${`Rows of request ${entry.id}`} columns=${columns} total=${shown.length} rowAt=${(index) => shown[index]}
        rowLink=${key} onOpen=${(line, column) => (column.id === "key" && key(line) ? go(key(line)) : setWhole({ line, column }))}
        onKey=${(event, line, column) => event.key === " " && line && (setWhole({ line, column }), true)} /></div>` : html`<${Empty} title="No row fits." />`}`}
    ${entry.fates_dropped > 0 && html`<p class="faint">The fates of ${plural(entry.fates_dropped, "further row")} were not kept; the counts are of all.</p>`}
    ${entry.request.body.truncated && lines.length > 0 && html`<p class="faint">The body was not kept whole, so what was sent for each row is not shown; <code>--journal-body</code> keeps more.</p>`}
    ${whole && html`<${WholeValue} value=${whole.line[whole.column.id]} column=${whole.column} onClose=${() => setWhole(null)} />`}</section>`;
}

function groupsOf(lines) {
  const groups = new Map();
  for (const { group, fate } of lines) {
    if (!groups.has(group)) groups.set(group, { name: group, fate, count: 0 });
    groups.get(group).count += 1;
  }
  return [...groups.values()].sort((a, b) => ORDER.indexOf(a.fate) - ORDER.indexOf(b.fate));
}
