// A new dataset from a file: what it holds, which types, what would be refused, then create it or save it as a seed.
import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { address, go } from "../../lib/route.js";
import { bytes, count, plural } from "../../lib/format.js";
import { create, definitionOf, newId } from "../../lib/create.js";
import { save } from "../../lib/files.js";
import { TYPES, guess, objects, read, refused } from "../../lib/guess.js";
import { Account, useAccount } from "../../parts/account.js";
import { Failure, Field, Icon } from "../../parts/basics.js";
import { Counts } from "../requests/counts.js";
import { dropHandlers, takeFile } from "./dropped.js";
import { Preview } from "./preview.js";

/** A larger file is one for `soda-mock seed` or an upload by a program. */
const LARGEST = 200e6;

/** `/__mock/datasets/new`. */
export function NewDataset() {
  const [source, setSource] = useState(null);
  const [error, setError] = useState(null);
  const open = async (file) => {
    setError(null);
    try {
      if (file.size > LARGEST) throw new Error(`${file.name} has ${bytes(file.size)}; up to ${bytes(LARGEST)} are read here. soda-mock serve ${file.name} takes larger ones.`);
      const table = read(await file.text(), file.name);
      setSource({ file, table, ...guess(table) });
    } catch (refusal) {
      setSource(null);
      setError(refusal);
    }
  };
  useEffect(() => {
    const file = takeFile();
    if (file) void open(file);
  }, []);
  return html`<section class="page-width new-dataset" ...${dropHandlers(open)}>
    <header class="view-head"><h1>New dataset from a file</h1></header>
    <label class="drop"><${Icon} name="plus" /><span><b>Drop a CSV, JSON or GeoJSON file here</b>, or choose one.</span><input type="file" accept=".csv,.tsv,.txt,.json,.ndjson,.geojson" onChange=${(event) => event.currentTarget.files[0] && open(event.currentTarget.files[0])} /></label>
    <${Failure} error=${error} />${source && html`<${Schema} key=${source.file.name + source.file.lastModified} source=${source} />`}</section>`;
}

const nameOfFile = (name) => name.replace(/\.[^.]*$/, "").replace(/[_-]+/g, " ");

function Schema({ source }) {
  const { table, file } = source;
  const [columns, setColumns] = useState(source.columns);
  const [facts, setFacts] = useState({ id: newId(), name: nameOfFile(file.name), key: source.key ?? "", isPublic: true, lenient: true });
  const [state, setState] = useState({});
  const [account] = useAccount();
  const bad = useMemo(() => refused(table.rows, columns), [table, columns]);
  const set = (name, value) => setFacts({ ...facts, [name]: value });
  const change = (at, changes) => setColumns(columns.map((column, index) => (index === at ? { ...column, ...changes } : column)));
  const definition = definitionOf({ ...facts, columns });
  const rows = () => objects(table.rows, columns, facts.lenient);
  const run = async () => {
    setState({ busy: true, done: 0 });
    try {
      const made = await create(account, definition, rows(), (done) => setState({ busy: true, done }));
      setState({ made });
    } catch (error) {
      setState({ error });
    }
  };
  if (state.made) return html`<${Made} id=${facts.id} name=${facts.name} made=${state.made} />`;
  return html`<form class="schema" onSubmit=${(event) => { event.preventDefault(); void run(); }}>
    <p class="facts"><b>${file.name}</b><span>${bytes(file.size)}</span><span>${plural(table.rows.length, "row")}</span><span>${plural(columns.length, "column")}</span></p>
    <div class="form"><label class="field grow"><span>Name</span><input required value=${facts.name} onInput=${(event) => set("name", event.currentTarget.value)} /></label>
      <${Field} label="Id"><input class="mono" required pattern="[23456789abcdefghijkmnpqrstuvwxyz]{4}-[23456789abcdefghijkmnpqrstuvwxyz]{4}" value=${facts.id} onInput=${(event) => set("id", event.currentTarget.value)} /><//>
      <${Field} label="Row identifier"><select value=${facts.key} onChange=${(event) => set("key", event.currentTarget.value)}><option value="">none, rows are known by :id</option>${columns.map((column) => html`<option value=${column.fieldName}>${column.name}</option>`)}</select><//>
      <${Account} label="Write as" /></div>
    <p><label><input type="checkbox" checked=${facts.isPublic} onChange=${(event) => set("isPublic", event.currentTarget.checked)} /> Everybody may read it</label></p>
    <${Preview} table=${table} columns=${columns} types=${TYPES} bad=${bad} onColumn=${change} />
    ${bad.total > 0 ? html`<p class="refused-cells"><b>${plural(bad.total, "cell")} would be refused.</b> They are marked above; choose text for the column, or: <label><input type="checkbox" checked=${facts.lenient} onChange=${(event) => set("lenient", event.currentTarget.checked)} /> leave them null</label></p>` : html`<p class="said">Every cell fits its column.</p>`}
    <div class="actions"><button class="main" disabled=${state.busy || !account}><${Icon} name="plus" />Create the dataset</button>
      <button type="button" onClick=${() => save(`${facts.id}.json`, "application/json", JSON.stringify({ ...definition, rows: rows() }, null, 1))}>Save as seed</button>
      <span role="status">${state.busy && `${count(state.done)} of ${plural(table.rows.length, "row")} written`}</span></div>
    ${state.error && html`<${Failure} error=${state.error} /><p>The dataset is made; what was written before is stored. <a href=${address(["datasets", facts.id])}>Look at it</a>, or change the schema and create it again.</p>`}</form>`;
}

function Made({ id, name, made: { requests, report } }) {
  return html`<div class="made" role="status"><h2>${name} is there</h2><p><${Counts} rows=${report} /> by ${requests.map((request, index) => html`${index > 0 && ", "}<a href=${address(["requests", request])}>request ${request}</a>`)}</p>
    <div class="actions"><button type="button" class="main" onClick=${() => go(address(["datasets", id]))}>Open it</button></div></div>`;
}
