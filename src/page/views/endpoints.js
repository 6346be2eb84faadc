// How programs reach a dataset.
import { html } from "../lib/html.js";
import { curl, literal, origin } from "../lib/copy.js";
import { Code, Copy } from "../parts/basics.js";

const USER = "publisher@example.com:publisher";

/** The tab "Endpoints". */
export function Endpoints({ dataset }) {
  const base = `${origin()}/resource/${dataset.id}`;
  const key = dataset.row_identifier ?? ":id";
  const lines = [
    ["Rows", "GET, POST, PUT", `${base}.json`],
    dataset.resourceName && ["By its name", "GET, POST, PUT", `${origin()}/resource/${dataset.resourceName}.json`],
    ["One row", "GET, POST, PUT, DELETE", `${base}/{${key}}.json`],
    ["CSV", "GET, POST, PUT", `${base}.csv`],
    ["GeoJSON", "GET", `${base}.geojson`],
    ["Metadata", "GET, PUT", `${origin()}/api/views/${dataset.id}.json`],
    ["Stored rows, without limits", "GET", `${location.origin}/__mock/v1/datasets/${dataset.id}/rows`],
  ].filter(Boolean);
  const row = example(dataset);
  const upsert = curl({ method: "POST", url: `${base}.json`, user: USER, headers: [["Content-Type", "application/json"]], body: JSON.stringify([row]) });
  return html`<div class="page-width">
    <div class="table-wrap"><table class="list"><thead><tr><th scope="col">What</th><th scope="col" class="wide-only">Methods</th><th scope="col">Address</th><th scope="col"><span class="hidden">Copy</span></th></tr></thead>
      <tbody>${lines.map(([what, methods, url]) => html`<tr><th scope="row">${what}</th><td class="faint wide-only">${methods}</td><td class="mono break">${url}</td>
        <td class="right"><${Copy} text=${url} label="Copy" quiet /></td></tr>`)}</tbody></table></div>
    <h2>Upsert with curl</h2><${Code} label="curl command" text=${upsert} />
    <h2>Upsert with sodapy</h2><${Code} label="Python program" text=${python(dataset, row)} />
    <p class="faint">The certificate is signed by this server's own CA; <code>eval "$(soda-mock env)"</code> makes programs of a shell trust it.</p>
  </div>`;
}

function python(dataset, row) {
  return [
    "from sodapy import Socrata", "",
    `soda = Socrata(${literal(new URL(origin()).host)}, "demo-app-token",`,
    '               username="publisher@example.com", password="publisher")',
    `print(soda.upsert(${literal(dataset.id)}, [${literal(row)}]))`,
    `print(soda.get(${literal(dataset.id)}, limit=5))`,
  ].join("\n");
}

const EXAMPLES = {
  text: "text", number: "1.5", boolean: true, floating_timestamp: "2025-01-31T12:00:00", fixed_timestamp: "2025-01-31T12:00:00Z",
  point: { type: "Point", coordinates: [-122.33, 47.6] }, url: { url: "https://example.com", description: "Example" },
};

/** A row of the first few columns. */
function example(dataset) {
  const known = dataset.columns.filter((column) => column.soqlType in EXAMPLES);
  const key = known.filter((column) => column.fieldName === dataset.row_identifier);
  const rest = known.filter((column) => column.fieldName !== dataset.row_identifier).slice(0, 3);
  return Object.fromEntries([...key, ...rest].map((column) => [column.fieldName, EXAMPLES[column.soqlType]]));
}
