// The clock of the space: real, shifted or standing still.
import { html, useEffect } from "../../lib/html.js";
import { post, put, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { time } from "../../lib/format.js";
import { Failure, Field, Mark, Twins } from "../../parts/basics.js";
import { fieldsOf, useAction } from "./act.js";

const WORDS = { real: "runs with the computer's clock", frozen: "stands still", offset: "runs, shifted" };

/** `/__mock/controls/clock`. */
export function Clock() {
  const { data, error, reload } = useGet("/clock");
  const [act, said, busy] = useAction(reload);
  useEffect(() => {
    const timer = setInterval(reload, 5000);
    return () => clearInterval(timer);
  }, []);
  const advance = (by) => act(() => post("/clock/advance", { by }), `Advanced by ${by}.`);
  return html`<header class="view-head"><h2>Clock</h2><${Twins} links=${[["JSON", twin("/clock")]]} /></header>
    <p>Timestamps of rows, the age of tokens and the windows of throttling follow this clock.</p><${Failure} error=${error} />
    ${data && html`<p class="clock"><span class="number mono">${time(data.now)}</span> <${Mark} kind=${data.mode === "real" ? "quiet" : "warn"}>${data.mode}<//> <span class="faint">${WORDS[data.mode]}</span></p>`}
    <div class="actions"><button type="button" disabled=${busy} onClick=${() => act(() => put("/clock", { mode: "frozen" }), "Frozen.")}>Freeze now</button>
      <button type="button" disabled=${busy || data?.mode === "real"} onClick=${() => act(() => put("/clock", { mode: "real" }), "Real time again.")}>Real time</button></div>
    <form class="form" onSubmit=${(event) => { const { at } = fieldsOf(event); act(() => put("/clock", { mode: "frozen", now: instant(at) }), "Frozen."); }}>
      <${Field} label="Freeze at (UTC)"><input type="datetime-local" name="at" step="1" required /><//><button>Freeze there</button></form>
    <form class="form" onSubmit=${(event) => { const { by } = fieldsOf(event); advance(by); }}>
      <${Field} label="Advance by" hint="90s, 1h 30m, 2d or PT1H"><input name="by" required placeholder="1h" /><//><button>Advance</button></form>
    <div class="actions">${["1m", "1h", "24h"].map((by) => html`<button type="button" disabled=${busy} onClick=${() => advance(by)}>+ ${by}</button>`)}</div>${said}`;
}

const instant = (local) => `${local.length === 16 ? `${local}:00` : local}Z`;
