// The conditions of a filter, each to be taken out by itself.
import { html } from "../../lib/html.js";
import { cut } from "../../lib/format.js";
import { choiceOf, conjuncts, joined } from "../../lib/conditions.js";
import { Icon } from "../../parts/basics.js";

const bare = (literal) => literal.replace(/^'([\s\S]*)'$/, "$1").replaceAll("''", "'");

/** "Source: ak or ci", "Source: not ak", or the condition as it is written. */
function words(condition, dataset) {
  const choice = choiceOf(condition);
  const column = choice && dataset.columns.find(({ fieldName }) => fieldName === choice.name);
  if (!column) return cut(condition, 80);
  const values = [...choice.values.map(bare), ...((choice.not ? choice.empty && !choice.values.length : choice.empty) ? ["null"] : [])];
  return `${column.name}: ${choice.not ? "not " : ""}${cut(values.join(choice.not ? ", not " : " or "), 80)}`;
}

/** `onWhere(text)` with what is left; `onColumn(name)` for the values of a column. */
export function Chips({ dataset, where, onWhere, onColumn }) {
  const list = conjuncts(where);
  if (!list.length) return null;
  return html`<ul class="chips" aria-label="Conditions">${list.map((condition, index) => {
    const choice = choiceOf(condition);
    const text = words(condition, dataset);
    const known = choice && dataset.columns.some(({ fieldName }) => fieldName === choice.name);
    return html`<li class="chip">${known ? html`<button type="button" class="quiet" title="Choose other values" onClick=${() => onColumn(choice.name)}><bdi>${text}</bdi></button>` : html`<span class="mono"><bdi>${text}</bdi></span>`}
      <button type="button" class="quiet" aria-label=${`Take out ${text}`} onClick=${() => onWhere(joined(list.filter((_, at) => at !== index)))}><${Icon} name="close" /></button></li>`;
  })}${list.length > 1 && html`<li><button type="button" class="quiet" onClick=${() => onWhere("")}>Take out all</button></li>`}</ul>`;
}
