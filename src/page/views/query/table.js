// The rows of an answer in a grid of bounded height.
import { html, useMemo, useState } from "../../lib/html.js";
import { isNumeric } from "../../lib/cell.js";
import { Grid, fittingWidth } from "../../parts/grid/index.js";
import { Empty } from "../../parts/basics.js";

/** So many rows decide how wide a column is. */
const SAMPLE = 50;

export function ResultTable({ result }) {
  const columns = useMemo(() => {
    const sample = result.rows.slice(0, SAMPLE);
    return result.columns.map((column) => {
      const head = { ...column, label: column.id, note: column.type };
      return { ...head, width: fittingWidth(head, sample.map((row) => row[column.field])) };
    });
  }, [result]);
  const [sort, setSort] = useState(undefined);
  const rows = useMemo(() => sorted(result, sort), [result, sort]);
  const onSort = (id) => setSort((old) => (old?.[0] !== id ? [id, "asc"] : old[1] === "asc" ? [id, "desc"] : undefined));
  if (!rows.length) return html`<${Empty} title="The answer has no rows." />`;
  return html`<${Grid} label="Result" columns=${columns} total=${rows.length} rowAt=${(index) => rows[index]} sort=${sort} onSort=${onSort} />`;
}

/** Values are made comparable once each; rows without a value come last in either direction. */
function sorted({ rows, columns }, sort) {
  const column = sort && columns.find(({ id }) => id === sort[0]);
  if (!column) return rows;
  const number = isNumeric(column.type);
  const sign = sort[1] === "asc" ? 1 : -1;
  const keyed = rows.map((row) => {
    const value = row[column.field];
    if (value === undefined || value === null) return { row };
    return { row, key: number ? Number(value) : typeof value === "object" ? JSON.stringify(value) : String(value) };
  });
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return (a.key === undefined) - (b.key === undefined);
    return a.key < b.key ? -sign : a.key > b.key ? sign : 0;
  });
  return keyed.map(({ row }) => row);
}
