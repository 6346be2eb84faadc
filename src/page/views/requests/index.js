// The live log of requests, and beside it the one that is chosen.
import { classes, html, useEffect, useRef, useState } from "../../lib/html.js";
import { path, remove, twin } from "../../lib/api.js";
import { useServer } from "../../lib/feed.js";
import { useKept } from "../../lib/kept.js";
import { address, go } from "../../lib/route.js";
import { count, plural } from "../../lib/format.js";
import { Empty, Failure, Switch, Twins } from "../../parts/basics.js";
import { useConfirm } from "../../parts/confirm.js";
import { Request } from "../request/index.js";
import { Filters, asked } from "./filters.js";
import { timesOf } from "./fold.js";
import { PAGE, useJournal } from "./journal.js";
import { Log } from "./log.js";

const LINES = { live: "live", connecting: "connecting", gone: "no answer" };

/** `/__mock/requests` and `/__mock/requests/{id}`. */
export function Requests({ id, params }) {
  const [paused, setPaused] = useState(false);
  const [fold, setFold] = useKept("fold", true);
  const { line } = useServer();
  const { entries, facts, error, loading, load, older } = useJournal(params, fold, id ? Number(id) : Infinity, paused);
  const [refused, setRefused] = useState(null);
  const [ask, question] = useConfirm();
  useTitle(entries);
  const close = () => go(address(["requests"], { ...params, with: "" }));
  const clear = () => ask({ title: "Clear the journal?", verb: "Clear the journal", text: "All requests are forgotten, with their bodies and what became of their rows. Stored rows stay.", run: () => remove("/requests").then(load, setRefused) });
  const filter = asked(params);
  const filtered = Object.keys(filter).length > 0;
  const file = (name) => twin(path([name], filter));
  return html`<section class=${classes("log", id && "with-one")} onKeyDown=${(event) => event.key === "Escape" && id && !event.target.closest("dialog, input, textarea, [role=menu]") && close()}>
    <header class="view-head"><div><h1>Requests</h1>
      <p class="facts"><span role="status">${entries ? sentence(entries, facts, filtered) : ""}${loading ? `${entries ? ", " : ""}${filtered ? "searching" : "loading"}` : ""}</span><span class=${`line ${paused ? "paused" : line}`}>${paused ? "paused" : LINES[line]}</span></p></div>
      <div class="actions"><${Switch} label="Live" checked=${!paused} onChange=${(on) => { setPaused(!on); if (on) load(); }} />
        <button type="button" onClick=${clear} disabled=${!facts.kept}>Clear the journal</button>
        <${Twins} links=${[["JSON", file("requests")], ["NDJSON", file("requests.ndjson"), "requests.ndjson"], ["HAR", file("requests.har"), "requests.har"]]} /></div></header>
    <${Filters} entries=${entries ?? []} params=${params} fold=${fold} onFold=${setFold} />
    <${Failure} error=${error ?? refused} again=${load} />
    <div class="log-body"><div class="log-list">
      ${entries && !entries.length && !error && !loading && html`<${Empty} title=${filtered ? "No request fits the filter." : "No request yet."}><p>${filtered ? "New ones that fit appear here at once." : "Send one; it appears here at once."}</p><//>`}
      ${entries?.length > 0 && html`<${Log} entries=${entries} chosen=${Number(id)} params=${params} fold=${fold} />`}
      ${facts.next && html`<p class="older"><button type="button" onClick=${older}>Show ${count(PAGE)} older ones</button></p>`}
      ${facts.dropped > 0 && !facts.next && entries?.length > 0 && html`<p class="older faint">${plural(facts.dropped, "older request")} left the journal, whose size is bounded.</p>`}</div>
      ${id && html`<${Request} key=${id} id=${id} params=${params} onClose=${close} />`}</div>${question}
  </section>`;
}

/** "the newest 400 of 3,281 requests"; with a filter "3 requests fit" or "the newest 400 of 1,200 that fit". */
function sentence(entries, { matched = 0, next }, filtered) {
  const read = entries.reduce((sum, entry) => sum + timesOf(entry), 0);
  const all = Math.max(matched, read);
  if (next && read < all) return filtered ? `the newest ${count(read)} of ${count(all)} that fit` : `the newest ${count(read)} of ${plural(all, "request")}`;
  return filtered ? `${plural(all, "request")} ${all === 1 ? "fits" : "fit"}` : plural(all, "request");
}

/** While the page is not looked at, its title counts what comes. */
function useTitle(entries) {
  const seen = useRef(0);
  const last = entries?.[0]?.id ?? 0;
  useEffect(() => {
    const update = () => {
      if (!document.hidden) seen.current = last;
      const fresh = (entries ?? []).filter((entry) => entry.id > seen.current);
      const failed = fresh.filter((entry) => entry.status >= 400 || !entry.status).length;
      document.title = `${fresh.length ? `(${count(fresh.length)}${failed ? `, ${count(failed)} failed` : ""}) ` : ""}requests · soda-mock`;
    };
    update();
    document.addEventListener("visibilitychange", update);
    return () => document.removeEventListener("visibilitychange", update);
  }, [last]);
}
