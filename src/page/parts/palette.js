// Ctrl K: to a dataset, a row, a request, a view, a saved query or a command, by typing.
import { html, useEffect, useMemo, useRef, useState } from "../lib/html.js";
import { path, post } from "../lib/api.js";
import { useGet } from "../lib/reading.js";
import { kept } from "../lib/kept.js";
import { address, current, go } from "../lib/route.js";
import { cut, plural } from "../lib/format.js";
import { Dialog } from "./basics.js";

const MOST = 12;

const VIEWS = [
  ["Datasets", []], ["New dataset from a file", ["datasets", "new"]], ["Requests", ["requests"]], ["Requests that failed, 4xx", ["requests"], { status: "4xx" }], ["Requests that failed, 5xx", ["requests"], { status: "5xx" }],
  ["Requests with row errors", ["requests"], { row_error: "true" }], ["Query console", ["query"]], ["SQL console", ["query"], { language: "sql" }], ["Faults", ["controls", "faults"]], ["Clock", ["controls", "clock"]],
  ["Throttle", ["controls", "throttle"]], ["Snapshots and reset", ["controls", "snapshots"]], ["Spaces", ["controls", "spaces"]], ["Accounts", ["controls", "accounts"]], ["Start", ["start"]],
];
const TABS = [["Rows", []], ["Columns", ["columns"]], ["Changes", ["changes"]], ["Endpoints", ["api"]]];

const link = (text, note, segments, params) => ({ text, note, run: () => go(address(segments, params)) });

/** Everything that can be gone to without knowing what is typed. */
function fixedItems(datasets, presets, commands) {
  const own = datasets.flatMap((item) => [
    link(item.name || item.id, `dataset ${item.id}, ${plural(item.rows, "row")}`, ["datasets", item.id]),
    ...TABS.slice(1).map(([text, rest]) => link(`${item.name || item.id}: ${text}`, item.id, ["datasets", item.id, ...rest])),
  ]);
  const queries = kept("queries", []).map(({ name, dataset, soql, sql }) => link(name, `query, ${cut(soql ?? sql, 40)}`, ["query"], sql === undefined ? { dataset, soql } : { sql }));
  const faults = presets.map(({ name, imitates }) => ({ text: `Arm ${name}`, note: cut(imitates, 60), run: () => post(path(["faults", "presets", name])).then(() => go(address(["controls", "faults"]))) }));
  return [...own, ...VIEWS.map(([text, segments, params]) => link(text, "view", segments, params)), ...queries, ...commands, ...faults];
}

/** What the typed text itself may name: a request by its number, a row by its key. */
function namedItems(typed, datasets) {
  if (!typed) return [];
  const number = typed.match(/^#?(\d+)$/)?.[1];
  const here = current().segments[0] === "datasets" ? current().segments[1] : undefined;
  const rows = [...datasets].sort((a, b) => (b.id === here) - (a.id === here)).slice(0, 4);
  return [
    ...(number ? [link(`Request ${number}`, "by its number", ["requests", number])] : []),
    ...rows.map((item) => link(`Row ${typed}`, `of ${item.name || item.id}, by ${item.row_identifier ?? ":id"}`, ["datasets", item.id, "row", typed])),
    link(`Requests that hold ${typed}`, "search", ["requests"], { text: typed }),
  ];
}

/** Items that hold every word that was typed; those that begin with it come first. */
function matching(items, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items.filter(({ text, note }) => words.every((word) => `${text} ${note}`.toLowerCase().includes(word)));
  const begins = ({ text }) => Number(text.toLowerCase().startsWith(typed.toLowerCase()));
  return found.sort((a, b) => begins(b) - begins(a));
}

export function Palette({ commands, onClose }) {
  const { data: datasets = [] } = useGet("/datasets");
  const { data: presets } = useGet("/faults/presets");
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef();
  const fixed = useMemo(() => fixedItems(datasets, presets?.presets ?? [], commands), [datasets, presets]);
  const text = typed.trim();
  const items = [...matching(fixed, text).slice(0, MOST), ...namedItems(text, datasets)];
  const at = Math.min(chosen, items.length - 1);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: "nearest" }), [at]);
  const take = (item) => {
    onClose();
    item?.run();
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((at + step + items.length) % items.length);
    else if (event.key === "Enter") take(items[at]);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title="Go to" onClose=${onClose}><input class="palette-input" autofocus role="combobox" aria-expanded="true" aria-controls="palette" aria-label="Dataset, row, request or command"
      aria-activedescendant=${items.length ? `palette-${at}` : undefined} placeholder="Dataset, row, request or command" value=${typed} onInput=${(event) => { setTyped(event.currentTarget.value); setChosen(0); }} onKeyDown=${onKeyDown} />
    <ul id="palette" class="palette" role="listbox" aria-label="Places" ref=${list}>${items.map((item, index) => html`<li role="option" id=${`palette-${index}`} aria-selected=${index === at}
      onMouseMove=${() => setChosen(index)} onClick=${() => take(item)}><span>${item.text}</span><small>${item.note}</small></li>`)}</ul><//>`;
}
