// Named states of the data, and the way back to one.
import { html, useState } from "../../lib/html.js";
import { get, path, post, put, remove, send, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { address, go } from "../../lib/route.js";
import { bytes, count, plural } from "../../lib/format.js";
import { Ago, Dialog, Empty, Failure, Field, Icon, Twins } from "../../parts/basics.js";
import { unchangedAssertion } from "../../lib/assertions.js";
import { Assertion } from "../../parts/assertion.js";
import { useConfirm } from "../../parts/confirm.js";
import { fieldsOf, useAction } from "./act.js";

/** `/__mock/controls/snapshots`. */
export function Snapshots() {
  const { data, error, reload } = useGet("/snapshots");
  const [act, said] = useAction(reload);
  const [ask, question] = useConfirm();
  const list = data?.snapshots ?? data ?? [];
  const take = (event) => {
    const { name } = fieldsOf(event);
    act(() => put(path(["snapshots", name])), `${name} is taken.`);
    event.currentTarget.reset();
  };
  return html`<header class="view-head"><h2>Snapshots</h2><${Twins} links=${[["JSON", twin("/snapshots")]]} /></header><${Failure} error=${error} />
    ${data && !list.length && html`<${Empty} title="No snapshot yet."><p>A snapshot keeps all rows of now under a name.</p><//>`}
    ${list.length > 0 && html`<${List} list=${list} act=${act} ask=${ask} />`}
    <form class="form" onSubmit=${take}><${Field} label="Name"><input name="name" required pattern="[A-Za-z0-9._\\-]+" placeholder="before-upload" /><//><button>Take a snapshot</button></form>
    ${list.length > 0 && html`<${Compare} names=${list.map((item) => item.name)} />`}
    <${Upload} act=${act} />${said}<${Reset} list=${list} reload=${reload} ask=${ask} />${question}`;
}

function List({ list, act, ask }) {
  const [asserted, assertOf] = useState(null);
  const restore = ({ name }) => ask({
    title: `Restore ${name}?`, verb: "Restore", text: "Every dataset becomes as it was then.", option: "Keep the rows of now as a snapshot first",
    run: (keep) => act(async () => {
      if (keep) await put(path(["snapshots", freeName(list, "before-restore")]));
      return post(path(["snapshots", name, "restore"]));
    }, `${name} is restored.`),
  });
  const forget = ({ name }) => ask({ title: `Remove ${name}?`, verb: "Remove", text: "A snapshot that is removed cannot be brought back.", run: () => act(() => remove(path(["snapshots", name])), `${name} is removed.`) });
  return html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Taken</th><th scope="col" class="right">Rows</th><th scope="col" class="right wide-only">Datasets</th><th scope="col" class="right wide-only">Size</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
    <tbody>${list.map((item) => html`<tr key=${item.name}><th scope="row" class="mono break">${item.name}</th><td><${Ago} iso=${item.taken_at} /></td><td class="right number">${count(item.rows)}</td>
      <td class="right number wide-only">${count(item.datasets)}</td><td class="right number wide-only">${bytes(item.bytes)}</td>
      <td class="right nowrap"><a href=${address(["controls", "snapshots", "diff", item.name, "current"])}>Compare with now</a> <a href=${twin(path(["snapshots", item.name, "file"]))} download=${`${item.name}.sqlite`}>File</a>
        <button type="button" onClick=${() => assertOf(item.name)}>Assert</button> <button type="button" onClick=${() => restore(item)}>Restore</button>
        <button type="button" class="quiet danger" aria-label=${`Remove ${item.name}`} onClick=${() => forget(item)}><${Icon} name="trash" /></button></td></tr>`)}</tbody></table></div>${asserted && html`<${Unchanged} name=${asserted} onClose=${() => assertOf(null)} />`}`;
}

/** That a dataset has the rows which it had in a snapshot. */
function Unchanged({ name, onClose }) {
  const { data: datasets } = useGet("/datasets");
  const [id, setId] = useState("");
  const chosen = id || datasets?.[0]?.id;
  return html`<${Dialog} title=${`As in ${name}`} wide onClose=${onClose}><${Field} label="Dataset"><select value=${chosen} onChange=${(event) => setId(event.currentTarget.value)}>${datasets?.map((item) => html`<option value=${item.id}>${item.name} (${item.id})</option>`)}</select><//>
    ${chosen && html`<${Assertion} key=${chosen} assertion=${unchangedAssertion(chosen, name)} />`}<//>`;
}

function Compare({ names }) {
  const all = [...names, "seed", "empty", "current"];
  const compare = (event) => {
    const { left, right } = fieldsOf(event);
    go(address(["controls", "snapshots", "diff", left, right]));
  };
  const choice = (label, name, value) => html`<${Field} label=${label}><select name=${name} value=${value}>${all.map((item) => html`<option value=${item}>${item === "current" ? "now" : item}</option>`)}</select><//>`;
  return html`<form class="form" onSubmit=${compare}>${choice("Compare", "left", names[0])}${choice("with", "right", "current")}<button>Show the difference</button></form>`;
}

function Upload({ act }) {
  const upload = (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const file = form.elements.file.files[0];
    const name = file.name.replace(/\.[^.]*$/, "").replace(/[^A-Za-z0-9._-]+/g, "-");
    act(() => send("PUT", path(["snapshots", name, "file"]), { body: file }), `${name} is there.`);
    form.reset();
  };
  return html`<form class="form" onSubmit=${upload}><${Field} label="From a file that was saved here"><input type="file" name="file" required /><//><button>Load</button></form>`;
}

/** The first name of this kind that no snapshot has: an undo never takes the place of another. */
function freeName(list, start) {
  const names = new Set(list.map((item) => item.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? start : `${start}-${number}`;
    if (!names.has(name)) return name;
  }
}

const isUndo = ({ name }) => /^before-(reset|restore)(-\d+)?$/.test(name);

/** Reset; the rows of now are kept in a snapshot first, so that they can be brought back, also after the page was loaded again. */
function Reset({ list, reload, ask }) {
  const [act, said, busy] = useAction(reload);
  const run = (to) => async () => {
    const { snapshots = [] } = await get("/snapshots");
    await put(path(["snapshots", freeName(snapshots, "before-reset")]));
    return post("/reset", { to });
  };
  const reset = (to, verb) => ask({
    title: `${verb}?`, verb,
    text: "The rows of now are kept as a snapshot and can be brought back. The journal, faults, accounts, clock and throttle go back too, and what they hold is lost.",
    run: () => act(run(to), `Reset to ${to}.`),
  });
  const undo = list.filter(isUndo).sort((a, b) => b.taken_at.localeCompare(a.taken_at) || b.name.localeCompare(a.name, "en", { numeric: true }))[0];
  const takeBack = () => act(() => post(path(["snapshots", undo.name, "restore"])), "The rows are back as they were.");
  return html`<h2>Reset</h2><p>Data, journal, faults, clock, ids and throttle go back. The rows of now are kept as a snapshot first.</p>
    <div class="actions"><button type="button" class="danger" disabled=${busy} onClick=${() => reset("seed", "Reset to the seed")}>Reset to the seed</button><button type="button" class="danger" disabled=${busy} onClick=${() => reset("empty", "Reset to empty")}>Reset to empty</button>
      ${undo && html`<button type="button" class="main" disabled=${busy} onClick=${takeBack}>Bring back ${undo.name}</button><span class="faint">${plural(undo.rows, "row")}, <${Ago} iso=${undo.taken_at} /></span>`}</div>${said}`;
}
