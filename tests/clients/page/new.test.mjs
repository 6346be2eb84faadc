// A new dataset from a file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fitsWidth, world } from "./support.mjs";

const own = world();
const CSV = 'Case Number,Opened on,Amount,"Zip, code",Done,Note\r\n1,2025-01-31,12.50,02134,yes,"a ""quoted"" note"\r\n2,2025-02-30,7,00501,no,\r\n3,2025-03-01,many,10001,yes,"two\nlines"\r\n';
const GEO = { type: "FeatureCollection", features: [{ type: "Feature", properties: { name: "A" }, geometry: { type: "Point", coordinates: [1, 2] } }, { type: "Feature", properties: { name: "B" }, geometry: { type: "Point", coordinates: [3, 4] } }] };
const choose = (page, name, text) => page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
const type = (page, name) => page.getByLabel(`Type of ${name}`, { exact: true });

test("a CSV file has its types guessed, refused cells marked, and becomes a dataset by the emulated API", async () => {
  const { page, check } = await own.open("/__mock/");
  await page.getByRole("link", { name: "New from a file" }).click();
  await choose(page, "open_cases.csv", CSV);
  await page.getByText("3 rows").waitFor();
  const types = await page.locator(".preview thead select").evaluateAll((list) => list.map((select) => select.value));
  assert.deepEqual(types, ["number", "text", "text", "text", "checkbox", "text"]);
  await type(page, "Opened on").selectOption("calendar_date");
  await type(page, "Amount").selectOption("number");
  await page.getByText("2 cells would be refused.").waitFor();
  assert.deepEqual(await page.locator("td.refused bdi").allInnerTexts(), ["2025-02-30", "many"]);
  assert.equal(await page.getByLabel("Row identifier").inputValue(), "case_number");
  const id = await page.getByRole("textbox", { name: "Id", exact: true }).inputValue();
  await fitsWidth(page, "the preview");
  await page.getByRole("button", { name: "Create the dataset" }).click();
  await page.getByRole("heading", { name: "open cases is there" }).waitFor();
  const rows = await (await fetch(`${own.url}/resource/${id}.json?$order=case_number`)).json();
  assert.deepEqual(rows.map((row) => [row.case_number, row.opened_on, row.amount, row.zip_code, row.done, row.note]), [
    ["1", "2025-01-31T00:00:00.000", "12.50", "02134", true, 'a "quoted" note'], ["2", undefined, "7", "00501", false, undefined], ["3", "2025-03-01T00:00:00.000", undefined, "10001", true, "two\nlines"],
  ]);
  const [entry] = (await own.admin("GET", `/requests?dataset=${id}&operation=upsert`)).requests;
  assert.deepEqual([entry.client.user, entry.rows.created], ["publisher@example.com", 3]);
  await page.getByRole("button", { name: "Open it" }).click();
  await page.waitForSelector(".grid-row .number");
  await check();
});

test("GeoJSON becomes geometry, and a seed can be saved that a server reads", async () => {
  const { page, check } = await own.open("/__mock/datasets/new");
  await choose(page, "places.geojson", JSON.stringify(GEO));
  await page.getByText("2 rows").waitFor();
  assert.equal(await type(page, "geometry").inputValue(), "point");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as seed" }).click()]);
  const seed = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(download.suggestedFilename(), `${seed.id}.json`);
  const { id, ...definition } = seed;
  await own.admin("PUT", `/datasets/${id}`, definition);
  assert.equal((await own.admin("GET", `/datasets/${id}`)).rows, 2);
  await check();
});

test("a file that is nothing of it is told what is wrong, and one that is dropped on the list is taken", async () => {
  const { page, check } = await own.open("/__mock/datasets/new");
  await choose(page, "x.json", '{"a": 1}');
  await page.getByText("no list of objects").waitFor();
  await choose(page, "x.json", "[1, 2");
  await page.getByText("This is no JSON").waitFor();
  await page.goto(`${own.url}/__mock/`);
  await page.waitForSelector("table.list");
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["k,v\n1,2\n"], "dropped.csv"));
    document.querySelector("section").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await page.getByText("dropped.csv").waitFor();
  await page.getByText("1 row", { exact: true }).waitFor();
  await check();
});
