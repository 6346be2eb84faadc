// Two requests side by side: only what differs.
import { html, useMemo } from "../../lib/html.js";
import { path } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { address } from "../../lib/route.js";
import { duration } from "../../lib/format.js";
import { hunks, lineDiff } from "../../lib/diff.js";
import { Failure } from "../../parts/basics.js";
import { pretty } from "./message.js";

const FACTS = [
  ["Request", (entry) => `${entry.method} ${entry.path}${entry.query ? `?${entry.query}` : ""}`], ["Status", (entry) => String(entry.status ?? "none")],
  ["Took", (entry) => (entry.duration_us === null ? "" : duration(entry.duration_us / 1000))], ["Account", (entry) => entry.client.user ?? ""], ["App token", (entry) => entry.client.app_token ?? ""],
  ["From", (entry) => [entry.client.address, entry.tls ? "https" : "http", entry.client.agent].filter(Boolean).join(" · ")],
  ["Rows", (entry) => (entry.rows ? Object.entries(entry.rows).filter(([, n]) => n > 0).map(([name, n]) => `${n} ${name}`).join(", ") : "")],
  ["Error", (entry) => entry.error?.message ?? ""], ["Fault", (entry) => entry.fault?.id ?? ""],
];
const headers = (message) => message.headers.map(([name, value]) => `${name}: ${value}`).sort().join("\n");
const TEXTS = [
  ["Headers of the request", (entry) => headers(entry.request)], ["Body of the request", (entry) => pretty(entry.request.body)],
  ["Headers of the answer", (entry) => headers(entry.answer)], ["Body of the answer", (entry) => pretty(entry.answer.body)],
];

export function Comparison({ entry, other }) {
  const { data, error } = useGet(path(["requests", other]));
  const link = html`<a href=${address(["requests", other])}>request ${other}</a>`;
  if (error) return html`<${Failure} error=${error} />`;
  if (!data) return html`<p class="loading" role="status">Comparing</p>`;
  const facts = FACTS.map(([name, of]) => [name, of(data), of(entry)]).filter(([, before, after]) => before !== after);
  return html`<section class="comparison" aria-label=${`Compared with request ${other}`}><h3>Compared with ${link}</h3>
    ${facts.length > 0 && html`<div class="table-wrap"><table class="list diff"><thead><tr><th scope="col">What</th><th scope="col">Request ${other}</th><th scope="col">Request ${entry.id}</th></tr></thead>
      <tbody>${facts.map(([name, before, after]) => html`<tr><th scope="row">${name}</th><td class="before break">${before}</td><td class="after break">${after}</td></tr>`)}</tbody></table></div>`}
    ${TEXTS.map(([name, of]) => html`<${Difference} key=${name} name=${name} left=${of(data)} right=${of(entry)} />`)}</section>`;
}

function Difference({ name, left, right }) {
  const lines = useMemo(() => hunks(lineDiff(left, right)), [left, right]);
  if (left === right) return html`<p class="faint">${name}: the same.</p>`;
  return html`<h4>${name}</h4><pre class="line-diff" tabindex="0" aria-label=${name}>${lines.map((line) => (line === null ? html`<span class="gap">…${"\n"}</span>`
    : html`<span class=${line.kind}>${{ same: "  ", out: "− ", in: "+ " }[line.kind]}${line.text}${"\n"}</span>`))}</pre>`;
}
