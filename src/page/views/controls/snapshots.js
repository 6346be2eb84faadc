// Named states of the data, and the way back to one.
import { html, useState } from "../../lib/html.js";
import { path, post, put, remove, send, twin, useGet } from "../../lib/api.js";
import { address, go } from "../../lib/route.js";
import { bytes, count } from "../../lib/format.js";
import { Ago, Empty, Failure, Field, Icon, Twins } from "../../parts/basics.js";
import { fieldsOf, useAction } from "./act.js";

const UNDO = "before-reset";

/** `/__mock/controls/snapshots`. */
export function Snapshots() {
  const { data, error, reload } = useGet("/snapshots");
  const [act, said] = useAction(reload);
  const list = data?.snapshots ?? data ?? [];
  const take = (event) => {
    const { name } = fieldsOf(event);
    act(() => put(path(["snapshots", name])), `${name} is taken.`);
    event.currentTarget.reset();
  };
  return html`<header class="view-head"><h2>Snapshots</h2><${Twins} links=${[["JSON", twin("/snapshots")]]} /></header><${Failure} error=${error} />
    ${data && !list.length && html`<${Empty} title="No snapshot yet."><p>A snapshot keeps all rows of now under a name.</p><//>`}
    ${list.length > 0 && html`<${List} list=${list} act=${act} />`}
    <form class="form" onSubmit=${take}><${Field} label="Name"><input name="name" required pattern="[A-Za-z0-9._\\-]+" placeholder="before-upload" /><//><button>Take a snapshot</button></form>
    ${list.length > 0 && html`<${Compare} names=${list.map((item) => item.name)} />`}
    <${Upload} act=${act} />${said}<${Reset} reload=${reload} />`;
}

function List({ list, act }) {
  return html`<div class="table-wrap"><table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Taken</th><th scope="col" class="right">Rows</th><th scope="col" class="right wide-only">Datasets</th><th scope="col" class="right wide-only">Size</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
    <tbody>${list.map((item) => html`<tr key=${item.name}><th scope="row" class="mono break">${item.name}</th><td><${Ago} iso=${item.taken_at} /></td><td class="right number">${count(item.rows)}</td>
      <td class="right number wide-only">${count(item.datasets)}</td><td class="right number wide-only">${bytes(item.bytes)}</td>
      <td class="right nowrap"><a href=${address(["controls", "snapshots", "diff", item.name, "current"])}>Compare with now</a> <a href=${twin(path(["snapshots", item.name, "file"]))} download=${`${item.name}.sqlite`}>File</a>
        <button type="button" onClick=${() => act(() => post(path(["snapshots", item.name, "restore"])), `${item.name} is restored.`)}>Restore</button>
        <button type="button" class="quiet danger" aria-label=${`Remove ${item.name}`} onClick=${() => act(() => remove(path(["snapshots", item.name])), `${item.name} is removed.`)}><${Icon} name="trash" /></button></td></tr>`)}</tbody></table></div>`;
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

/** Reset; a snapshot is taken first, so that it can be taken back. */
function Reset({ reload }) {
  const [undo, setUndo] = useState(null);
  const [act, said, busy] = useAction(reload);
  const reset = (to) => act(async () => {
    await put(path(["snapshots", UNDO]));
    const answer = await post("/reset", { to });
    setUndo(to);
    return answer;
  }, `Reset to ${to}.`);
  const takeBack = () => act(async () => {
    await post(path(["snapshots", UNDO, "restore"]));
    setUndo(null);
  }, "The rows are back as they were.");
  return html`<h2>Reset</h2><p>Data, journal, faults, clock, ids and throttle go back. The rows of now are kept as snapshot <code>${UNDO}</code> first.</p>
    <div class="actions"><button type="button" class="danger" disabled=${busy} onClick=${() => reset("seed")}>Reset to the seed</button><button type="button" class="danger" disabled=${busy} onClick=${() => reset("empty")}>Reset to empty</button>
      ${undo && html`<button type="button" class="main" disabled=${busy} onClick=${takeBack}>Undo the reset</button>`}</div>${said}`;
}
