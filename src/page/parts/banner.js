// What is to be known in every view: that the server is gone, or that it is another one.
import { html } from "../lib/html.js";
import { forgetRestart, tryNow, useServer } from "../lib/feed.js";
import { Icon } from "./basics.js";

export function Banner() {
  const { line, restarted } = useServer();
  return html`<div role="status" class="banners">
    ${line === "gone" && html`<p class="banner bad"><span><b>The server does not answer.</b> What is shown was read before. The page tries again by itself.</span>
      <button type="button" onClick=${tryNow}>Try now</button></p>`}
    ${line !== "gone" && restarted && html`<p class="banner warn"><span><b>The server was restarted.</b> Everything shown is read from the new one.</span>
      <button type="button" class="quiet" aria-label="Close this message" onClick=${forgetRestart}><${Icon} name="close" /></button></p>`}</div>`;
}
