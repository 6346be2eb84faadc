// The columns of the grid: which, in which order, how wide; and the window that arranges them.
import { html, useMemo } from "../../lib/html.js";
import { NONE, arranged, moved, ordered } from "../../lib/layout.js";
import { fittingWidth } from "../../parts/grid/index.js";
import { Dialog, Icon } from "../../parts/basics.js";

const SYSTEM = [
  { id: ":id", label: ":id", note: "row identifier", type: "row_identifier" },
  { id: ":created_at", label: ":created_at", note: "fixed_timestamp", type: "fixed_timestamp" },
  { id: ":updated_at", label: ":updated_at", note: "fixed_timestamp", type: "fixed_timestamp" },
  { id: ":version", label: ":version", note: "row version", type: "row_version" },
];

/** `{ all, columns, frozen }`: every column, and those that are shown. */
export function useColumns(dataset, system, firstRows, layout) {
  const all = useMemo(() => {
    const own = dataset.columns.map((column) => ({
      id: column.fieldName, label: column.name, type: column.soqlType, mark: column.fieldName === dataset.row_identifier,
      note: `${column.fieldName} · ${column.dataTypeName}`,
    }));
    return (system ? [...SYSTEM, ...own] : own).map((column) => ({ ...column, width: fittingWidth(column, firstRows.map((row) => row[column.id])) }));
  }, [dataset, system, firstRows]);
  return useMemo(() => ({ all, ...arranged(all, layout, dataset.row_identifier) }), [all, layout]);
}

/** What the menu of a column offers. */
export function columnItems({ column, all, columns, layout, change, sort, setSort, showValues, groupBy }) {
  const index = columns.findIndex(({ id }) => id === column.id);
  const hidden = layout.hidden ?? [];
  const wider = (by) => () => change({ widths: { ...layout.widths, [column.id]: Math.max(48, column.width + by) } });
  const move = (step) => () => change({ order: moved(all, layout, column.id, step) });
  const isOwn = !column.id.startsWith(":");
  return [
    { text: "Sort up", note: "1, 2, 3", disabled: sort?.[0] === column.id && sort[1] === "asc", action: () => setSort(`${column.id} asc`) },
    { text: "Sort down", note: "3, 2, 1", disabled: sort?.[0] === column.id && sort[1] === "desc", action: () => setSort(`${column.id} desc`) },
    null,
    isOwn && { text: "Values and filter", action: () => showValues(column.id) },
    isOwn && { text: "Group by this column", action: () => groupBy(column.id) },
    { text: "Copy the field name", action: () => navigator.clipboard?.writeText(column.id) },
    null,
    { text: "Freeze up to here", disabled: layout.frozen === index + 1, action: () => change({ frozen: index + 1 }) },
    { text: "Freeze nothing", disabled: layout.frozen === 0, action: () => change({ frozen: 0 }) },
    { text: "Hide", disabled: columns.length < 2, action: () => change({ hidden: [...hidden, column.id] }) },
    { text: "Move left", disabled: index === 0, action: move(-1) },
    { text: "Move right", disabled: index === columns.length - 1, action: move(1) },
    { text: "Wider", action: wider(40) },
    { text: "Narrower", action: wider(-40) },
  ];
}

/** All columns with a check each, and their order. */
export function ColumnsDialog({ all, layout, change, onClose }) {
  const hidden = layout.hidden ?? [];
  const list = ordered(all, layout);
  const toggle = (id) => change({ hidden: hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id] });
  const step = (id, by) => {
    const names = list.map((column) => column.id);
    const at = names.indexOf(id);
    names.splice(at, 1);
    names.splice(at + by, 0, id);
    change({ order: names });
  };
  return html`<${Dialog} title="Columns" onClose=${onClose}>
    <p class="actions"><button type="button" onClick=${() => change({ hidden: [] })}>Show all</button>
      <button type="button" onClick=${() => change({ hidden: list.slice(1).map((column) => column.id) })}>Hide all but the first</button>
      <button type="button" onClick=${() => change(NONE)}>As in the schema</button></p>
    <ul class="column-list">${list.map((column, index) => html`<li key=${column.id}>
      <label><input type="checkbox" checked=${!hidden.includes(column.id)} disabled=${!hidden.includes(column.id) && hidden.length >= list.length - 1} onChange=${() => toggle(column.id)} /> <bdi>${column.label}</bdi> <span class="faint mono">${column.id}</span></label>
      <span><button type="button" class="quiet" disabled=${index === 0} aria-label=${`Move ${column.label} up`} onClick=${() => step(column.id, -1)}><${Icon} name="up" /></button>
        <button type="button" class="quiet" disabled=${index === list.length - 1} aria-label=${`Move ${column.label} down`} onClick=${() => step(column.id, 1)}><${Icon} name="down" /></button></span></li>`)}</ul>
    <p class="faint">Kept in this browser for this dataset.</p><//>`;
}
