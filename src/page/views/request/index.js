// One request: what was sent, what was answered, what became of each row and which values it changed.
import { html } from "../../lib/html.js";
import { path } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { address } from "../../lib/route.js";
import { count, duration, plural, time } from "../../lib/format.js";
import { Failure, Icon, Mark } from "../../parts/basics.js";
import { ChangeList } from "../changes.js";
import { statusColour } from "../requests/counts.js";
import { Actions } from "./actions.js";
import { Comparison } from "./compare.js";
import { Fates } from "./fates.js";
import { Message } from "./message.js";

/** Beside the log. */
export function Request({ id, params, onClose }) {
  const where = path(["requests", id]);
  const { data, error, reload } = useGet(where);
  const { data: dataset } = useGet(data?.dataset ? `/datasets/${encodeURIComponent(data.dataset)}` : null);
  return html`<article class="one" aria-label=${`Request ${id}`}>
    <header class="one-head"><h2>Request ${id}</h2>
      <button type="button" class="quiet" aria-label="Close this request" title="Close (Escape)" onClick=${onClose}><${Icon} name="close" /></button></header>
    <${Failure} error=${error} again=${reload} />
    ${data && html`<${Head} entry=${data} /><${Actions} key=${id} entry=${data} where=${where} params=${params} />
      ${params.with && html`<${Comparison} entry=${data} other=${params.with} />`}
      <${Fates} entry=${data} dataset=${dataset} /><${Changed} entry=${data} dataset=${dataset} />
      <${Message} title="Request" message=${data.request} /><${Message} title="Answer" message=${data.answer} />`}
  </article>`;
}

function Head({ entry }) {
  const line = (name, value) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<p class="mono break"><${Mark} kind=${statusColour(entry.status)}>${entry.status ?? "none"}<//> <b>${entry.method}</b> ${entry.path}${entry.query && `?${entry.query}`}</p>
    ${entry.error?.message && html`<div class="failure"><strong>${entry.error.message}</strong>${entry.error.code && html`<p class="mono">${entry.error.code}</p>`}${entry.hint && html`<p>${entry.hint}</p>`}</div>`}
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

/** The rows whose values the request changed. */
function Changed({ entry, dataset }) {
  const written = entry.data_version && entry.dataset;
  const { data } = useGet(written ? path(["datasets", entry.dataset, "changes"], { request: entry.id, limit: 200 }) : null);
  const all = entry.rows ? entry.rows.created + entry.rows.updated + entry.rows.deleted : 0;
  if (!dataset || !data || (!data.changes.length && !all)) return null;
  const rest = all - data.changes.length;
  return html`<section><h3>Values before and after</h3>${data.changes.length > 0 && html`<${ChangeList} dataset=${dataset} changes=${data.changes} />`}
    ${rest > 0 && html`<p class="faint">${data.changes.length ? `${plural(rest, "further row")} not shown.` : "The history does not hold them."}</p>`}</section>`;
}
