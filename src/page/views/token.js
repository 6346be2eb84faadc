// A server with --admin-token asks for it once; a cookie of this session keeps it.
import { html, useState } from "../lib/html.js";
import { get } from "../lib/api.js";
import { Failure, Field } from "../parts/basics.js";

const COOKIE = "soda-mock-admin";

function keep(token) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${token}; Path=/__mock; SameSite=Strict${secure}`;
}

// A link may bring the token along: `/__mock/#token=…`. It is not kept in the history.
const brought = location.hash.match(/^#token=([^;,\s]+)$/);
if (brought) {
  keep(brought[1]);
  history.replaceState(null, "", location.pathname + location.search);
}

/** In place of every view until the token is right. */
export function Token() {
  const [error, setError] = useState(null);
  const enter = (event) => {
    event.preventDefault();
    keep(new FormData(event.currentTarget).get("token").trim());
    get("/info").then(() => location.reload(), setError);
  };
  return html`<section class="page-width"><h1>This server asks for its admin token</h1><p>It was started with <code>--admin-token</code>.</p>
    <form class="form" onSubmit=${enter}><${Field} label="Admin token"><input name="token" type="password" required autocomplete="current-password" pattern="[^;,\\s]+" /><//><button class="main">Enter</button></form>
    <${Failure} error=${error} /></section>`;
}
