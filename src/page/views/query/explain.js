// How a query is understood and run.
import { html } from "../../lib/html.js";
import { path, twin } from "../../lib/api.js";
import { useGet } from "../../lib/reading.js";
import { Code, Failure, Twins } from "../../parts/basics.js";

export function Explain({ id, query }) {
  const where = path(["datasets", id, "explain"], { $query: query });
  const { data, error } = useGet(where);
  if (error) return html`<${Failure} error=${error} />`;
  if (!data) return html`<p class="loading" role="status">Explaining</p>`;
  return html`<div class="explain"><h3>Understood as</h3><${Code} label="SoQL" text=${data.soql} />
    <h3>Answers</h3><p class="mono">${data.columns.map(({ name, type }, index) => html`${index > 0 && ", "}<b>${name}</b> <span class="faint">${type}</span>`)}</p>
    <h3>Runs as</h3><${Code} label="SQL" text=${data.sql} />
    ${data.parameters.length > 0 && html`<p class="faint">Parameters: <span class="mono">${data.parameters.map((value) => JSON.stringify(value)).join(", ")}</span></p>`}
    <h3>Plan</h3><${Code} label="Plan" text=${data.plan.map((step) => (typeof step === "string" ? step : JSON.stringify(step))).join("\n")} /><${Twins} links=${[["JSON", twin(where)]]} /></div>`;
}
