// What can be done with a request: copy it, send it again as it was, as somebody else or changed, compare it, undo it, make it
// fail the next time, assert it.
import { html, useEffect, useState } from "../../lib/html.js";
import { Refusal, path, post, send, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { address, go, setParams } from "../../lib/route.js";
import { asAccount } from "../../lib/wire.js";
import { Copy, Failure, Field, Icon, Twins } from "../../parts/basics.js";
import { useAccount } from "../../parts/account.js";
import { Assertion } from "../../parts/assertion.js";
import { requestAssertion } from "../../lib/assertions.js";
import { Undo } from "./undo.js";

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

export function Actions({ entry, where, params }) {
  const [sent, setSent] = useState(null);
  const [error, setError] = useState(null);
  const [open, setOpen] = useState("");
  const [asCurl, asPython] = [useText(`${where}/curl`), useText(`${where}/python`)];
  const done = (answer) => {
    setSent(answer);
    setError(null);
  };
  const replay = () => post(`${where}/replay`).then(({ request }) => done(request), setError);
  const toggle = (name, label) => html`<button type="button" aria-expanded=${open === name} onClick=${() => setOpen(open === name ? "" : name)}>${label}</button>`;
  const writes = entry.rows && entry.data_version && entry.data_version.after !== entry.data_version.before;
  return html`<div class="actions"><${Copy} label="Copy as curl" text=${asCurl} /><${Copy} label="Copy as Python" text=${asPython} />
    <button type="button" onClick=${replay}><${Icon} name="play" />Replay</button>${toggle("again", "Send changed")}${toggle("compare", "Compare")}
    ${writes && toggle("undo", "Undo")}${toggle("assert", "Assert this")}
    <a class="button" href=${address(["controls", "faults"], { request: entry.id })}>Fail it next time</a>
    <${Twins} links=${[["JSON", twin(where)]]} /></div>
    <p role="status">${sent && html`Replayed as <a href=${address(["requests", String(sent.id)])}>request ${sent.id}</a>, answered ${sent.status}.`}</p>
    <${Failure} error=${error} />
    ${open === "again" && html`<${Again} entry=${entry} onSent=${done} onError=${setError} />`}
    ${open === "compare" && html`<${Compare} entry=${entry} params=${params} />`}
    ${open === "undo" && html`<${Undo} entry=${entry} />`}
    ${open === "assert" && html`<${Assertion} assertion=${requestAssertion(entry)} />`}`;
}

/** The request in fields that can be changed. */
function Again({ entry, onSent, onError }) {
  const [account, , users] = useAccount();
  const type = entry.request.headers.find(([name]) => name === "content-type")?.[1];
  const submit = (event) => {
    event.preventDefault();
    const { account, method, address: target, body } = Object.fromEntries(new FormData(event.currentTarget));
    asAccount(account, method, target, ["GET", "HEAD"].includes(method) ? undefined : body || undefined, { type: type ?? "application/json" }).then(
      ({ request, status }) => onSent({ id: request, status }),
      (error) => (error instanceof Refusal && error.request ? onSent({ id: error.request, status: error.status }) : onError(error)),
    );
  };
  const cut = entry.request.body.truncated;
  return html`<form class="again" onSubmit=${submit} aria-label="Send changed"><div class="form">
      <${Field} label="As"><select name="account" key=${users.length} value=${entry.client.user ?? account}>${users.map((user) => html`<option value=${user.name}>${user.name} (${user.role})</option>`)}<option value="">nobody</option></select><//>
      <${Field} label="Method"><select name="method" value=${entry.method}>${["GET", "POST", "PUT", "PATCH", "DELETE"].map((name) => html`<option>${name}</option>`)}</select><//>
      <label class="field grow"><span>Address</span><input name="address" required pattern="/.*" class="mono" value=${`${entry.path}${entry.query ? `?${entry.query}` : ""}`} /></label></div>
    <${Field} label=${cut ? "Body, of which the journal kept only this part" : "Body"}><textarea name="body" class="mono wide" rows="8" spellcheck=${false}>${entry.request.body.text ?? ""}</textarea><//>
    <p class="after-field"><button class="main"><${Icon} name="play" />Send</button> <span class="faint">Sent by this browser, so other headers are its own.</span></p></form>`;
}

function Compare({ entry, params }) {
  const { data } = useGet(path(["requests"], { path: entry.path, before: entry.id, limit: 1 }));
  const before = data?.requests[0];
  const submit = (event) => {
    event.preventDefault();
    setParams({ with: new FormData(event.currentTarget).get("with") });
  };
  return html`<form class="form" onSubmit=${submit} aria-label="Compare"><${Field} label="With request"><input name="with" type="number" min="1" required value=${params.with ?? before?.id ?? ""} key=${before?.id} /><//><button>Compare</button>
    ${before && html`<span class="faint">${before.id} is the one before at this address.</span>`}
    ${params.with && html`<button type="button" class="quiet" onClick=${() => go(address(["requests", String(entry.id)], { ...params, with: "" }))}>Close the comparison</button>`}</form>`;
}
