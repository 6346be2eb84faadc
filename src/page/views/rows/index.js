// The rows of a dataset: grid, filter, search, order, values of a column.
import { html, useEffect, useState } from "../../lib/html.js";
import { Refusal } from "../../lib/api.js";
import { useEvents } from "../../lib/feed.js";
import { address, go, setParams } from "../../lib/route.js";
import { countAssertion, rowAssertion } from "../../lib/assertions.js";
import { useLayout } from "../../lib/layout.js";
import { compose } from "../../lib/soql.js";
import { useWrites } from "../../lib/writes.js";
import { Grid } from "../../parts/grid/index.js";
import { Empty, Failure, Icon } from "../../parts/basics.js";
import { ColumnPanel } from "../../parts/column_panel.js";
import { AssertionDialog } from "../../parts/assertion.js";
import { Menu } from "../../parts/menu.js";
import { cellItems, onCellKey } from "./cells.js";
import { Chips } from "./chips.js";
import { ColumnsDialog, columnItems, useColumns } from "./columns.js";
import { useEditing } from "./edit.js";
import { useCount, useRows, useView } from "./reading.js";
import { Toolbar, isFilterError } from "./toolbar.js";
import { WholeValue } from "./value.js";

const DIRECTIONS = { undefined: "asc", asc: "desc", desc: undefined };

/** The first rows that were read decide how wide columns are. */
function useFirstRows(rowAt) {
  const [firstRows, setFirstRows] = useState([]);
  const sample = rowAt(0) ? Array.from({ length: 40 }, (_, index) => rowAt(index)).filter(Boolean) : undefined;
  useEffect(() => {
    if (sample && !firstRows.length) setFirstRows(sample);
  }, [Boolean(sample)]);
  return firstRows;
}

/** A number that changes whenever the rows may be others. */
function useVersion(dataset, reload, unanswered) {
  const [turn, setTurn] = useState(0);
  const again = () => setTurn((n) => n + 1);
  useWrites(dataset.id, (whole) => {
    reload();
    if (whole) again();
  });
  useEvents(({ name }) => name === "opened" && unanswered.current && again());
  return [`${dataset.data_version} ${turn}`, again];
}

/** The tab "Rows". */
export function Rows({ dataset, params, reload }) {
  const view = useView(params);
  const [unanswered] = useState({ current: false });
  const [version, again] = useVersion(dataset, reload, unanswered);
  const counted = useCount(dataset, view, version);
  const total = counted.total ?? 0;
  const rows = useRows(dataset, view, total, version);
  const { rowAt } = rows;
  const [layout, change] = useLayout(dataset.id);
  const { all, columns, frozen } = useColumns(dataset, view.system, useFirstRows(rowAt), layout);
  const refused = counted.error ?? rows.error;
  unanswered.current = Boolean(refused) && !(refused instanceof Refusal);
  const [open, setOpen] = useState(null);
  // A window tells late that it is closed; by then another may be open.
  const close = (kind) => () => setOpen((now) => (now?.kind === kind ? null : now));
  const key = dataset.row_identifier ?? ":id";
  const rowAddress = (row) => (row[key] === undefined ? undefined : address(["datasets", dataset.id, "row", String(row[key])]));
  const openRow = (row) => rowAddress(row) && go(rowAddress(row));
  const setWhere = (where) => setParams({ where });
  const showValues = (id) => setParams({ column: id });
  const onSort = (id) => {
    const next = DIRECTIONS[view.sort?.[0] === id ? view.sort[1] : undefined];
    setParams({ order: next ? `${id} ${next}` : undefined });
  };
  const chosen = dataset.columns.find((column) => column.fieldName === params.column);
  const query = compose({ ...view.filter, select: view.system ? ":*, *" : "*" });
  const editing = useEditing(dataset);
  const assertRow = (row) => setOpen({ kind: "assertion", assertion: rowAssertion(dataset, row) });
  const actions = { dataset, where: view.filter.where, setWhere, openRow, showWhole: (row, column) => setOpen({ kind: "value", row, column }), onEditKey: editing.onKey, assertRow, more: editing.items };
  const cancel = () => {
    counted.cancel();
    rows.cancel();
  };
  const groupBy = (id) => go(address(["query"], { dataset: dataset.id, soql: `SELECT ${id}, count(*) AS rows__\nGROUP BY ${id}\nORDER BY rows__ DESC\nLIMIT 5000` }));
  return html`<div class=${chosen ? "rows with-panel" : "rows"}>
    <${Toolbar} dataset=${dataset} params=${params} counted=${counted} waiting=${rows.stale && rows.waiting} refused=${refused} query=${query} onCancel=${cancel}>
      <button type="button" class="quiet" onClick=${() => setOpen({ kind: "columns" })}><${Icon} name="columns" />Columns${all.length > columns.length && `, ${all.length - columns.length} hidden`}</button>
      ${editing.tools}<button type="button" class="quiet" onClick=${() => setOpen({ kind: "assertion", assertion: countAssertion(dataset, view.filter.where, total) })}>Assert this</button><//>
    ${editing.said}
    <${Chips} dataset=${dataset} where=${params.where} onWhere=${setWhere} onColumn=${showValues} />
    ${refused && !unanswered.current && !isFilterError(refused, view.filter.where) && html`<${Failure} error=${refused} again=${again} />`}
    <div class="rows-body">
      ${total === 0 && !counted.loading && !refused
        ? html`<${Empty} title=${dataset.rows ? "No row fits the filter." : "This dataset has no rows."}>
            ${dataset.rows > 0 && html`<button type="button" onClick=${() => setParams({ where: "", q: "" })}>Clear the filter</button>`}<//>`
        : html`<${Grid} label=${`Rows of ${dataset.name}`} name=${`rows ${dataset.id}`} columns=${columns} frozen=${frozen} total=${total} rowAt=${rowAt} want=${rows.want} sort=${view.sort}
            stale=${rows.stale} onSort=${onSort} onColumn=${(id) => !id.startsWith(":") && setParams({ column: id === params.column ? undefined : id })}
            onMenu=${(column, place) => setOpen({ kind: "column", column, place })} onWidth=${(id, width) => change({ widths: { ...layout.widths, [id]: width } })}
            onCell=${(row, column, place) => setOpen({ kind: "cell", row, column, place })} onKey=${(event, row, column) => onCellKey(event, row, column, actions)}
            chosen=${params.column} rowLink=${rowAddress} onOpen=${(row, column) => (editing.on ? editing.start(row, column) : openRow(row))} editor=${editing.editor} />`}
      ${chosen && html`<${ColumnPanel} key=${chosen.fieldName} dataset=${dataset} column=${chosen} filter=${view.filter} version=${version}
        onWhere=${setWhere} onClose=${() => setParams({ column: undefined })} />`}
    </div>
    ${editing.form}${open?.kind === "assertion" && html`<${AssertionDialog} assertion=${open.assertion} onClose=${close("assertion")} />`}
    ${open?.kind === "columns" && html`<${ColumnsDialog} all=${all} layout=${layout} change=${change} onClose=${close("columns")} />`}
    ${open?.kind === "value" && html`<${WholeValue} value=${open.row[open.column.id]} column=${open.column} onClose=${close("value")} />`}
    ${open?.kind === "column" && html`<${Menu} label=${`Column ${open.column.label}`} place=${open.place} onClose=${close("column")}
      items=${columnItems({ column: open.column, all, columns, layout, change, sort: view.sort, setSort: (order) => setParams({ order }), showValues, groupBy })} />`}
    ${open?.kind === "cell" && html`<${Menu} label="Cell" place=${open.place} onClose=${close("cell")} items=${cellItems(open.row, open.column, actions)} />`}
  </div>`;
}
