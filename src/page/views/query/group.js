// "Group by" by choice: columns, a step for times, and what is computed of each group.
import { html, useState } from "../../lib/html.js";
import { identifier } from "../../lib/soql.js";
import { isGeometry, isNumeric, isTime } from "../../lib/cell.js";
import { Field } from "../../parts/basics.js";

const STEPS = { "": "each value", y: "year", ym: "month", ymd: "day" };
const MEASURES = { count: "number of rows", sum: "sum", avg: "mean", min: "least", max: "greatest", "count distinct": "different values" };

/** `onQuery(soql)` when a person asks for the groups. */
export function GroupBy({ dataset, onQuery }) {
  const groupable = dataset.columns.filter((column) => !isGeometry(column.soqlType) && column.soqlType !== "location");
  const [choice, setChoice] = useState({ by: groupable[0]?.fieldName, then: "", step: "", measure: "count", of: "" });
  const set = (name) => (event) => setChoice({ ...choice, [name]: event.currentTarget.value });
  const find = (name) => dataset.columns.find((column) => column.fieldName === name);
  const measurable = choice.measure === "count distinct" ? groupable : dataset.columns.filter((column) => isNumeric(column.soqlType) || (/min|max/.test(choice.measure) && isTime(column.soqlType)));
  const of = measurable.find((column) => column.fieldName === choice.of) ?? measurable[0];
  const times = [choice.by, choice.then].some((name) => isTime(find(name)?.soqlType));
  const names = (list, none) => html`${none && html`<option value="">${none}</option>`}${list.map((column) => html`<option value=${column.fieldName}>${column.name}</option>`)}`;
  const ask = (event) => {
    event.preventDefault();
    onQuery(groupQuery({ ...choice, of: of?.fieldName }, find));
  };
  return html`<form class="form group-by" aria-label="Group by" onSubmit=${ask}>
    <${Field} label="Group by"><select value=${choice.by} onChange=${set("by")}>${names(groupable)}</select><//>
    <${Field} label="then by"><select value=${choice.then} onChange=${set("then")}>${names(groupable.filter((column) => column.fieldName !== choice.by), "nothing")}</select><//>
    ${times && html`<${Field} label="Times by"><select value=${choice.step} onChange=${set("step")}>${Object.entries(STEPS).map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select><//>`}
    <${Field} label="Show"><select value=${choice.measure} onChange=${set("measure")}>${Object.entries(MEASURES).map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select><//>
    ${choice.measure !== "count" && html`<${Field} label="of"><select value=${of?.fieldName} onChange=${set("of")}>${names(measurable)}</select><//>`}
    <button class="main" disabled=${choice.measure !== "count" && !of}>Show groups</button></form>`;
}

/** The query of a choice. Aliases end in two underscores where a column may have the plain name. */
export function groupQuery({ by, then, step, measure, of }, find) {
  const groups = [by, then].filter(Boolean).map((name) => {
    const type = find(name)?.soqlType;
    const column = identifier(name);
    return step && isTime(type) ? { text: `${type === "fixed_timestamp" ? "datez" : "date"}_trunc_${step}(${column})`, name: `${name}_${step}` } : { text: column };
  });
  const select = groups.map(({ text, name }) => (name ? `${text} AS ${identifier(name)}` : text));
  const value = measure === "count" ? "count(*)" : measure === "count distinct" ? `count(distinct ${identifier(of)})` : `${measure}(${identifier(of)})`;
  const alias = measure === "count" ? "rows__" : `${measure.replace(" ", "_")}_of_${of}`;
  return `SELECT ${[...select, `${value} AS ${identifier(alias)}`].join(", ")}\nGROUP BY ${groups.map(({ text, name }) => (name ? identifier(name) : text)).join(", ")}\nORDER BY ${identifier(alias)} DESC\nLIMIT 5000`;
}
