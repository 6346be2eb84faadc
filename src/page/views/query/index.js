// The query console: SoQL on one dataset, or SQL on the stored tables.
import { html } from "../../lib/html.js";
import { useGet } from "../../lib/reading.js";
import { address } from "../../lib/route.js";
import { Empty, Failure, Tabs } from "../../parts/basics.js";
import { Soql } from "./soql.js";
import { Sql } from "./sql.js";

/** `/__mock/query?dataset=&soql=` or `?sql=`. */
export function Query({ params }) {
  const { data: datasets, error } = useGet("/datasets");
  const isSql = params.sql !== undefined || params.language === "sql";
  const id = params.dataset ?? datasets?.[0]?.id;
  const tabs = [["soql", "SoQL", address(["query"], { dataset: id })], ["sql", "SQL", address(["query"], { language: "sql" })]];
  return html`<section class="console"><header class="view-head"><h1>Query</h1></header><${Tabs} label="Language" tabs=${tabs} active=${isSql ? "sql" : "soql"} />
    <${Failure} error=${error} />
    ${datasets && (isSql ? html`<${Sql} params=${params} datasets=${datasets} />` : datasets.length
      ? html`<${Soql} key=${id} id=${id} datasets=${datasets} params=${params} />` : html`<${Empty} title="There is no dataset to ask."><p><a href=${address(["start"])}>Make one</a></p><//>`)}</section>`;
}
