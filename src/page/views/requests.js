// The live log of requests, and one request with what became of its rows.
import { classes, html, memo, useCallback, useEffect, useMemo, useRef, useState } from "../lib/html.js";
import { get, path, twin, useEvents, remove } from "../lib/api.js";
import { address, go, setParams } from "../lib/route.js";
import { clockTime, count, duration, plural } from "../lib/format.js";
import { Empty, Failure, Field, Mark, Switch, Twins } from "../parts/basics.js";
import { Request } from "./request.js";

/** So many lines are drawn; the journal has all of them. */
const SHOWN = 400;
const FILTERS = ["dataset", "operation", "status", "client", "text"];

export const statusColour = (status) => (status >= 500 || !status ? "bad" : status >= 400 ? "warn" : "good");

/** `/__mock/requests` and `/__mock/requests/{id}`: the log, and beside it the one that is chosen. */
export function Requests({ id, params }) {
  const [entries, setEntries] = useState(null);
  const [facts, setFacts] = useState({});
  const [error, setError] = useState(null);
  const [paused, setPaused] = useState(false);
  const last = useRef(0);
  const load = () => get(path(["requests"], { limit: SHOWN })).then((answer) => {
    setEntries([...answer.requests].reverse());
    setFacts(answer);
    setError(null);
    last.current = answer.last ?? 0;
  }, setError);
  useEffect(() => void load(), []);
  const add = useFrames((fresh) => setEntries((old) => newest(old ?? [], fresh)));
  const state = useEvents(paused ? null : "/events", ({ name, data: entry }) => {
    if (name === "reset" || name === "gap") void load();
    else if (name === "request") add(entry);
  });
  const shown = useMemo(() => (entries ?? []).filter((entry) => fits(entry, params)), [entries, params]);
  const clear = () => remove("/requests").then(load, setError);
  return html`<section class=${classes("log", id && "with-one")}>
    <header class="view-head"><div><h1>Requests</h1>
      <p class="facts"><span role="status">${entries ? sentence(shown, entries, facts) : "Loading"}</span><span class=${`line ${paused ? "paused" : state}`}>${paused ? "paused" : LINE[state]}</span></p></div>
      <div class="actions"><${Switch} label="Live" checked=${!paused} onChange=${(on) => { setPaused(!on); if (on) load(); }} />
        <button type="button" onClick=${clear} disabled=${!entries?.length}>Clear the journal</button>
        <${Twins} links=${[["JSON", twin("/requests")], ["NDJSON", twin("/requests.ndjson"), "requests.ndjson"], ["HAR", twin("/requests.har"), "requests.har"]]} /></div></header>
    <${Filters} entries=${entries ?? []} params=${params} />
    <${Failure} error=${error} again=${load} />
    <div class="log-body"><div class="log-list">
      ${entries && !shown.length && !error && html`<${Empty} title=${entries.length ? "No request fits the filter." : "No request yet."}><p>Send one; it appears here at once.</p><//>`}
      ${shown.length > 0 && html`<${Log} entries=${shown} chosen=${Number(id)} params=${params} />`}</div>
      ${id && html`<${Request} key=${id} id=${id} onClose=${() => go(address(["requests"], params))} />`}</div>
  </section>`;
}

/** The entries with those that came since, newest first; a later state of the same request takes its place. */
function newest(old, fresh) {
  const byId = new Map([...old, ...fresh].map((entry) => [entry.id, entry]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, SHOWN);
}

/** A function that collects what it is called with and hands it on once before the next picture is drawn. */
function useFrames(take) {
  const waiting = useRef({ items: [], frame: 0 });
  useEffect(() => () => cancelAnimationFrame(waiting.current.frame), []);
  return useCallback((item) => {
    const { current } = waiting;
    current.items.push(item);
    current.frame ||= requestAnimationFrame(() => {
      const { items } = current;
      Object.assign(current, { items: [], frame: 0 });
      take(items);
    });
  }, []);
}

const LINE = { live: "live", waiting: "connecting" };

function sentence(shown, entries, { dropped }) {
  const rest = dropped ? `, ${count(dropped)} older ones dropped` : "";
  return (shown.length === entries.length ? plural(entries.length, "request") : `${count(shown.length)} of ${plural(entries.length, "request")}`) + rest;
}

function clientOf({ client = {} }) {
  return client.user ?? client.app_token ?? client.address ?? "";
}

function fits(entry, { dataset, operation, status, client, text }) {
  const wanted = (text ?? "").toLowerCase();
  const all = `${entry.method} ${entry.path}?${entry.query} ${entry.request_id} ${entry.error?.message ?? ""} ${entry.client?.agent ?? ""}`.toLowerCase();
  const statusFits = !status || (status === "errors" ? entry.rows?.errors > 0 : String(entry.status ?? "")[0] === status[0]);
  return (!dataset || entry.dataset === dataset) && (!operation || entry.operation === operation) && statusFits &&
    (!client || clientOf(entry) === client) && (!wanted || all.includes(wanted));
}

function Filters({ entries, params }) {
  const options = (pick) => [...new Set(entries.map(pick).filter(Boolean))].sort();
  const choice = (name, label, values) => html`<${Field} label=${label}><select value=${params[name] ?? ""} onChange=${(event) => setParams({ [name]: event.currentTarget.value }, { replace: true })}>
    <option value="">all</option>${[...new Set([...values, params[name]])].filter(Boolean).map((value) => html`<option value=${value}>${NAMES[value] ?? value}</option>`)}</select><//>`;
  const any = FILTERS.some((name) => params[name]);
  return html`<div class="form filters">
    ${choice("dataset", "Dataset", options((entry) => entry.dataset))}${choice("operation", "Operation", options((entry) => entry.operation))}
    ${choice("status", "Status", ["2xx", "3xx", "4xx", "5xx", "errors"])}${choice("client", "Client", options(clientOf))}
    <${Field} label="Text"><input type="search" data-shortcut="/" value=${params.text ?? ""} onInput=${(event) => setParams({ text: event.currentTarget.value }, { replace: true })} /><//>
    ${any && html`<button type="button" class="quiet" onClick=${() => setParams(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>Clear filters</button>`}</div>`;
}

const NAMES = { errors: "with row errors" };

function Log({ entries, chosen, params }) {
  const link = (entry) => address(["requests", String(entry.id)], params);
  const onKeyDown = (event) => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...event.currentTarget.querySelectorAll("a.entry")];
    links[links.indexOf(document.activeElement) + step]?.focus();
  };
  return html`<table class="list log-table" onKeyDown=${onKeyDown}><thead><tr><th scope="col" class="right">No.</th><th scope="col" class="wide-only">Time</th><th scope="col">Status</th><th scope="col">Request</th>
      <th scope="col">Rows</th><th scope="col" class="wide-only">Client</th><th scope="col" class="right wide-only">Took</th></tr></thead>
    <tbody>${entries.map((entry) => html`<${Entry} key=${entry.id} entry=${entry} chosen=${entry.id === chosen} link=${link(entry)} />`)}</tbody></table>`;
}

const Entry = memo(({ entry, chosen, link }) => html`<tr class=${classes("pick", chosen && "chosen")}
      onClick=${(event) => !event.target.closest("a") && !String(getSelection()) && go(link)}>
      <td class="right number faint">${entry.id}</td><td class="number faint wide-only" title=${entry.at}>${clockTime(entry.at)}</td>
      <td><${Mark} kind=${statusColour(entry.status)}>${entry.status ?? "none"}<//></td>
      <td class="break"><a class="entry mono" href=${link} aria-current=${chosen ? "true" : undefined}><b>${entry.method}</b> ${entry.path}${entry.query ? html`<span class="faint">?${readable(entry.query)}</span>` : ""}</a>
        ${entry.error?.message && html`<br /><span class="faint">${entry.error.message}</span>`}
        ${entry.fault && html`<br /><${Mark} kind="warn">fault ${entry.fault.id}<//> <span class="faint">${entry.fault.what}</span>`}</td>
      <td><${Counts} rows=${entry.rows} /></td><td class="wide-only">${clientOf(entry)}${entry.tls ? "" : html` <span class="faint">http</span>`}</td>
      <td class="right number faint wide-only">${entry.duration_us === null || entry.duration_us === undefined ? "" : duration(entry.duration_us / 1000)}</td></tr>`);

function readable(query) {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}

/** What became of the rows, as signs and numbers. */
export function Counts({ rows }) {
  if (!rows) return null;
  const parts = [["created", "good", "+"], ["updated", "info", "~"], ["deleted", "quiet", "−"], ["errors", "bad", "!"]];
  const some = parts.filter(([name]) => rows[name] > 0);
  return html`<span class="counts">${some.map(([name, colour, sign]) => html`<${Mark} kind=${colour}><span title=${name}>${sign}${count(rows[name])}<span class="hidden"> ${name}</span></span><//>`)}${!some.length && html`<span class="faint">none</span>`}</span>`;
}

