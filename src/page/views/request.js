// One request: what was sent, what was answered, what became of each row and which values it changed.
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { path, post, send, twin, useGet } from "../lib/api.js";
import { address } from "../lib/route.js";
import { bytes, count, duration, plural, time } from "../lib/format.js";
import { Copy, Failure, Icon, Mark, Twins } from "../parts/basics.js";
import { Counts, statusColour } from "./requests.js";
import { ChangeList } from "./changes.js";

const KEYS_SHOWN = 12;

/** Beside the log. */
export function Request({ id, onClose }) {
  const where = path(["requests", id]);
  const { data, error, reload } = useGet(where);
  return html`<article class="one" aria-label=${`Request ${id}`}>
    <header class="one-head"><h2>Request ${id}</h2>
      <button type="button" class="quiet" aria-label="Close this request" onClick=${onClose}><${Icon} name="close" /></button></header>
    <${Failure} error=${error} again=${reload} />
    ${data && html`<${Head} entry=${data} where=${where} /><${Fates} entry=${data} /><${Changed} entry=${data} />
      <${Message} title="Request" message=${data.request} /><${Message} title="Answer" message=${data.answer} />`}
  </article>`;
}

function Head({ entry, where }) {
  const line = (name, value) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<p class="mono break"><${Mark} kind=${statusColour(entry.status)}>${entry.status ?? "none"}<//> <b>${entry.method}</b> ${entry.path}${entry.query && `?${entry.query}`}</p>
    ${entry.error?.message && html`<div class="failure"><strong>${entry.error.message}</strong>${entry.error.code && html`<p class="mono">${entry.error.code}</p>`}${entry.hint && html`<p>${entry.hint}</p>`}</div>`}
    <${Actions} entry=${entry} where=${where} />
    <dl class="pairs">
      ${line("Time", html`<span class="number">${time(entry.at)}</span>`)}
      ${line("Took", entry.duration_us !== null && duration(entry.duration_us / 1000))}
      ${line("Operation", html`<span class="mono">${entry.operation}</span>`)}
      ${line("Dataset", entry.dataset && html`<a class="mono" href=${address(["datasets", entry.dataset])}>${entry.dataset}</a>`)}
      ${line("Data version", entry.data_version && `${count(entry.data_version.before)} to ${count(entry.data_version.after)}`)}
      ${line("Account", entry.client.user)}${line("App token", entry.client.app_token)}
      ${line("From", [entry.client.address, entry.tls ? "https" : "http", entry.client.agent].filter(Boolean).join(" · "))}
      ${line("Request id", html`<span class="mono">${entry.request_id}</span>`)}
      ${line("Fault", entry.fault && html`<${Mark} kind="warn">${entry.fault.id}<//> ${entry.fault.what}`)}
      ${line("Ended", entry.ended && entry.ended !== "whole" && entry.ended)}
    </dl>`;
}

/** A text that the server makes of the request; fetched ahead, for a browser copies only at once. */
function useText(where) {
  const [text, setText] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    send("GET", where, { signal: abort.signal, accept: "text/plain" }).then((response) => response.text()).then(setText, () => {});
    return () => abort.abort();
  }, [where]);
  return text;
}

function Actions({ entry, where }) {
  const [sent, setSent] = useState(null);
  const [error, setError] = useState(null);
  const [asCurl, asPython] = [useText(`${where}/curl`), useText(`${where}/python`)];
  const replay = () => post(`${where}/replay`).then((answer) => {
    setSent(answer.request);
    setError(null);
  }, setError);
  return html`<div class="actions"><${Copy} label="Copy as curl" text=${asCurl} /><${Copy} label="Copy as Python" text=${asPython} />
    <button type="button" onClick=${replay}><${Icon} name="play" />Replay</button>
    <${Twins} links=${[["JSON", twin(where)]]} /></div>
    <p role="status">${sent && html`Replayed as <a href=${address(["requests", String(sent.id)])}>request ${sent.id}</a>, answered ${sent.status}.`}</p>
    <${Failure} error=${error} />`;
}

/** Rows that fared alike, with the reason said once. */
function grouped(fates) {
  const groups = new Map();
  for (const fate of fates) {
    const name = fate.code ?? fate.fate;
    if (!groups.has(name)) groups.set(name, { ...fate, rows: [] });
    groups.get(name).rows.push(fate);
  }
  const order = ["error", "created", "updated", "deleted"];
  return [...groups.values()].sort((a, b) => order.indexOf(a.fate) - order.indexOf(b.fate));
}

const COLOURS = { created: "good", updated: "info", deleted: "quiet", error: "bad" };

function Fates({ entry }) {
  if (!entry.rows) return null;
  return html`<section><h3>Rows</h3><p><${Counts} rows=${entry.rows} /></p>
    ${entry.fates.length > 0 && html`<ul class="fates">${grouped(entry.fates).map((group) => html`<${FateGroup} key=${group.code ?? group.fate} group=${group} dataset=${entry.dataset} />`)}</ul>`}
    ${entry.fates_dropped > 0 && html`<p class="faint">The fates of ${plural(entry.fates_dropped, "further row")} were not kept; the counts are of all.</p>`}</section>`;
}

function FateGroup({ group, dataset }) {
  const [all, setAll] = useState(false);
  const shown = all ? group.rows : group.rows.slice(0, KEYS_SHOWN);
  const words = group.code ? group.code.replaceAll("_", " ") : group.fate;
  const label = (row) => (row.key === null || row.key === undefined ? `position ${row.index}` : String(row.key));
  const link = (row) => row.key !== null && row.key !== undefined && group.fate !== "error";
  return html`<li><${Mark} kind=${COLOURS[group.fate]}>${group.fate}<//> <b>${plural(group.rows.length, "row")}: ${words}</b>
    ${group.reason && html`<p class="faint">${group.rows.length === 1 ? group.reason : `for example: ${group.reason}`}</p>`}
    <p class="keys-of">${shown.map((row) => (link(row)
      ? html`<a class="mono" href=${address(["datasets", dataset, "row", String(row.key)])} title=${`position ${row.index}`}><bdi>${label(row)}</bdi></a>`
      : html`<span class="mono" title=${`position ${row.index}`}><bdi>${label(row)}</bdi></span>`))}
      ${group.rows.length > shown.length && html`<button type="button" class="quiet" onClick=${() => setAll(true)}>${count(group.rows.length - shown.length)} more</button>`}</p></li>`;
}

/** The rows whose values the request changed. */
function Changed({ entry }) {
  const written = entry.data_version && entry.dataset;
  const { data: dataset } = useGet(written ? `/datasets/${entry.dataset}` : null);
  const { data } = useGet(written ? path(["datasets", entry.dataset, "changes"], { request: entry.id, limit: 200 }) : null);
  if (!dataset || !data) return null;
  const rest = (entry.rows ? entry.rows.created + entry.rows.updated + entry.rows.deleted : 0) - data.changes.length;
  return html`<section><h3>Values before and after</h3><${ChangeList} dataset=${dataset} changes=${data.changes} />
    ${rest > 0 && html`<p class="faint">${plural(rest, "further row")} not shown.</p>`}</section>`;
}

function Message({ title, message }) {
  const { body } = message;
  const text = useMemo(() => pretty(body), [body]);
  return html`<section><h3>${title}</h3>
    <details><summary>${plural(message.headers.length, "header")}</summary><table class="headers"><tbody>${message.headers.map(([name, value]) =>
      html`<tr><th scope="row" class="mono">${name}</th><td class="mono break">${value}</td></tr>`)}</tbody></table></details>
    ${body.bytes > 0 ? html`<p class="facts"><span>${bytes(body.bytes)}${body.encoding ? ` ${body.encoding}` : ""}${body.truncated ? ", cut here" : ""}</span><${Copy} text=${body.text ?? ""} quiet /></p>
      <pre class="body" tabindex="0" aria-label=${`${title} body`}>${text}</pre>` : html`<p class="faint">No body.</p>`}</section>`;
}

const LONGEST = 40_000;

function pretty(body) {
  const text = body.text ?? body.base64 ?? "";
  let shown = text;
  try {
    if (text.length < 2 * LONGEST && !body.truncated) shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: as it is.
  }
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}\n… ${bytes(shown.length - LONGEST)} more` : shown;
}
