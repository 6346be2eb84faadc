// The first visit: what to do next, with this server's own addresses.
import { html, useState } from "../lib/html.js";
import { API } from "../lib/api.js";
import { useGet } from "../lib/reading.js";
import { address } from "../lib/route.js";
import { curl, origin, plainOrigin } from "../lib/copy.js";
import { Code, Copy } from "../parts/basics.js";

const DEFINITION = {
  name: "My dataset", metadata: { rowIdentifier: "id" },
  columns: [
    { fieldName: "id", name: "Id", dataTypeName: "text" },
    { fieldName: "name", name: "Name", dataTypeName: "text" },
    { fieldName: "amount", name: "Amount", dataTypeName: "number" },
    { fieldName: "day", name: "Day", dataTypeName: "calendar_date" },
  ],
};
const ROWS = [{ id: "a-1", name: "First", amount: "12.50", day: "2025-01-31" }, { id: "a-2", name: "Second", amount: "7", day: "2025-02-01" }];

const SYSTEMS = {
  Shell: ["This shell only; bash, zsh", 'eval "$(soda-mock env)"'],
  Debian: ["Debian, Ubuntu", "curl -s {ca} | sudo tee /usr/local/share/ca-certificates/soda-mock.crt\nsudo update-ca-certificates"],
  Fedora: ["Fedora, Red Hat", "curl -s {ca} | sudo tee /etc/pki/ca-trust/source/anchors/soda-mock.pem\nsudo update-ca-trust"],
  macOS: ["macOS", "curl -s {ca} -o soda-mock-ca.pem\nsecurity add-trusted-cert -k ~/Library/Keychains/login.keychain-db soda-mock-ca.pem"],
  Windows: ["Windows, PowerShell", "Invoke-WebRequest {ca} -OutFile soda-mock-ca.crt\nImport-Certificate soda-mock-ca.crt -CertStoreLocation Cert:\\CurrentUser\\Root"],
  Python: ["Python: requests, sodapy", "curl -s {ca} -o soda-mock-ca.pem\ncat \"$(python3 -m certifi)\" soda-mock-ca.pem > bundle.pem\nexport REQUESTS_CA_BUNDLE=\"$PWD/bundle.pem\""],
  Node: ["Node.js", "curl -s {ca} -o soda-mock-ca.pem\nexport NODE_EXTRA_CA_CERTS=\"$PWD/soda-mock-ca.pem\""],
  Java: ["Java", "curl -s {ca} -o soda-mock-ca.pem\nkeytool -importcert -cacerts -storepass changeit -noprompt -alias soda-mock -file soda-mock-ca.pem"],
  Firefox: ["Firefox", "Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import:\n{ca}"],
};

/** `/__mock/start`, and the first page of a server without datasets. */
export function Start({ empty = false }) {
  const { data: datasets } = useGet("/datasets");
  const { data: users } = useGet("/users");
  const first = datasets?.[0];
  const id = first?.id ?? "abcd-1234";
  const account = account_of(users);
  const define = curl({ method: "PUT", url: `${location.origin}${API}/datasets/abcd-1234`, body: JSON.stringify(DEFINITION) });
  const upsert = curl({ method: "POST", url: `${plainOrigin()}/resource/abcd-1234.json`, user: account, headers: [["Content-Type", "application/json"]], body: JSON.stringify(ROWS) });
  const read = curl({ url: `${plainOrigin()}/resource/${id}.json?$limit=5` });
  return html`<section class="page-width start">
    <h1>${empty ? "No datasets yet" : "Start here"}</h1>
    <p class="lead">This server stands in for the write API of a Socrata site. Point a publishing program at it, run it, and look here at what was stored and why each row fared as it did.</p>
    <dl class="pairs wide">
      <div><dt>HTTPS</dt><dd class="mono">${origin()} <${Copy} text=${origin()} quiet label="Copy" /></dd></div>
      <div><dt>HTTP</dt><dd class="mono">${plainOrigin()} <${Copy} text=${plainOrigin()} quiet label="Copy" /></dd></div>
      <div><dt>Account</dt><dd class="mono">${account} <${Copy} text=${account} quiet label="Copy" /> <a href=${address(["controls", "accounts"])}>all accounts</a></dd></div>
      <div><dt>App token</dt><dd class="mono">demo-app-token <${Copy} text="demo-app-token" quiet label="Copy" /></dd></div>
    </dl>
    <h2>1. Make a dataset</h2>
    <p><a href=${address(["datasets", "new"])}>From a CSV, JSON or GeoJSON file</a>, or by a program. In its short form, or as Socrata's own metadata. <code>soda-mock serve seeds/</code> does the same from files.</p>
    <${Code} label="Command that makes a dataset" text=${define} />
    <h2>2. Write rows</h2><${Code} label="Command that writes rows" text=${upsert} />
    <h2>3. Read them</h2><${Code} label="Command that reads rows" text=${read} />
    <p>Then see <a href=${address([])}>what is stored</a> and <a href=${address(["requests"])}>how each row fared</a>.</p>
    <${Trust} />
  </section>`;
}

function account_of(users) {
  const names = users?.map((user) => user.name) ?? [];
  if (!names.length || names.includes("publisher@example.com")) return "publisher@example.com:publisher";
  return `${names[0]}:PASSWORD`;
}

function Trust() {
  const [system, setSystem] = useState("Shell");
  const ca = `http://${location.host}${API}/ca.pem`;
  const [, text] = SYSTEMS[system];
  return html`<h2>Trust its certificates</h2>
    <p>The server signs its own certificates. Programs that speak HTTPS to it need its authority, <a href=${`${API}/ca.pem`} download="soda-mock-ca.pem">soda-mock-ca.pem</a>. Plain HTTP on the same port needs nothing.</p>
    <label class="field inline"><span>For</span><select value=${system} onChange=${(event) => setSystem(event.currentTarget.value)}>
      ${Object.entries(SYSTEMS).map(([name, [title]]) => html`<option value=${name}>${title}</option>`)}</select></label>
    <${Code} label="Trust steps" text=${text.replaceAll("{ca}", ca)} />`;
}
