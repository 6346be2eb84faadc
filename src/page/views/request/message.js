// Headers and body of a request or an answer.
import { html, useMemo } from "../../lib/html.js";
import { bytes, plural } from "../../lib/format.js";
import { Copy } from "../../parts/basics.js";

export function Message({ title, message }) {
  const { body } = message;
  const text = useMemo(() => pretty(body), [body]);
  return html`<section><h3>${title}</h3>
    <details><summary>${plural(message.headers.length, "header")}</summary><table class="headers"><tbody>${message.headers.map(([name, value]) =>
      html`<tr><th scope="row" class="mono">${name}</th><td class="mono break">${value}</td></tr>`)}</tbody></table></details>
    ${body.bytes > 0 ? html`<p class="facts"><span>${bytes(body.bytes)}${body.encoding ? ` ${body.encoding}` : ""}${body.truncated ? ", cut here" : ""}</span><${Copy} text=${body.text ?? ""} quiet /></p>
      <pre class="body" tabindex="0" aria-label=${`${title} body`}>${text}</pre>` : html`<p class="faint">No body.</p>`}</section>`;
}

const LONGEST = 40_000;

/** JSON with a line for each member, anything else as it is; a long one is cut. */
export function pretty(body, longest = LONGEST) {
  const text = body.text ?? body.base64 ?? "";
  let shown = text;
  try {
    if (text.length < 2 * longest && !body.truncated) shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: as it is.
  }
  return shown.length > longest ? `${shown.slice(0, longest)}\n… ${bytes(shown.length - longest)} more` : shown;
}
