// Values that would like to be more than text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { column, fitsWidth, world } from "./support.mjs";

const own = world();
const KEY = "a/b?c#d&e%20 <i>'\"";
const SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>";
const COLUMNS = [["key", "text"], ["html", "text"], ["rtl", "text"], ["long", "text"], ["n", "number"], ["link", "url"], ["shape", "polygon"]];
const ROWS = [
  { key: KEY, html: SCRIPT, rtl: "\u202Eevil\u202C שלום עולם", long: "x".repeat(100_000), n: "12345678901234567890.1200", link: { url: "javascript:alert(1)", description: SCRIPT } },
  { key: "2", html: "{{7*7}} ${7*7} `", rtl: "مرحبا بالعالم", long: "one\ntwo\tthree", n: "-0.50", link: { url: "https://example.com/?<b>", description: "fine" } },
  { key: "3", html: "", rtl: "  padded ", n: "0", shape: { type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 10], [0, 0]]] } },
];

test("markup, right-to-left text and long cells are shown as text", async () => {
  await own.admin("PUT", "/datasets/host-ile1", {
    name: SCRIPT, metadata: { rowIdentifier: "key" }, rows: ROWS,
    columns: COLUMNS.map(([fieldName, dataTypeName]) => ({ fieldName, name: `<b onclick=alert(1)>${fieldName}</b>`, dataTypeName })),
  });
  const { page, check } = await own.open("/__mock/");
  await page.getByRole("link", { name: SCRIPT }).click();
  await page.waitForSelector(".grid-row .number");
  assert.deepEqual((await column(page, "<b onclick=alert(1)>html</b>")).slice(0, 2), [SCRIPT, "{{7*7}} ${7*7} `"]);
  assert.equal(await page.locator("main img, main script, main b[onclick]").count(), 0);
  assert.ok((await page.locator(".grid-cell", { hasText: "xxxx" }).innerText()).length < 500);
  await page.locator(".grid-cell", { hasText: "U+202Eevil" }).waitFor();
  await page.locator(".grid-cell", { hasText: "··padded·" }).waitFor();
  const isolated = await page.locator(".grid-cell bdi", { hasText: "evil" }).evaluate((element) => getComputedStyle(element).unicodeBidi);
  assert.equal(isolated, "isolate");
  await page.locator(".grid").evaluate((element) => { element.scrollLeft = 3000; });
  await page.waitForSelector(".grid-cell a");
  assert.deepEqual(await page.locator(".grid-cell a").evaluateAll((links) => links.map((link) => link.protocol)), ["https:"]);
  assert.doesNotMatch(await page.title(), /owned/);
  await check();
});

test("a row whose key is full of signs has an address, and all of its text", async () => {
  const { page, check } = await own.open("/__mock/datasets/host-ile1");
  await page.locator(".grid-gutter a").first().click();
  await page.waitForSelector(".values");
  assert.equal(new URL(page.url()).pathname, `/__mock/datasets/host-ile1/row/${encodeURIComponent(KEY)}`);
  assert.equal((await page.locator(".text-value", { hasText: "xxxx" }).innerText()).length, 100_000);
  await page.getByText("12345678901234567890.1200").waitFor();
  assert.equal(await page.locator(".values a").count(), 0);
  await page.reload();
  await page.waitForSelector(".values");
  await fitsWidth(page, "a row with a long cell");
  await check();
});

test("columns, map, console and requests show the same values as text", async () => {
  const views = [
    ["datasets/host-ile1/columns", "<img src=x"], ["datasets/host-ile1/map", "rows drawn"], ["datasets/host-ile1/api", "resource/host-ile1"],
    ["query?dataset=host-ile1&soql=SELECT%20*", "<img src=x"], ["requests", "requests"],
  ];
  for (const [view, text] of views) {
    const { page, check } = await own.open(`/__mock/${view}`);
    await page.locator(`text=${text} >> visible=true`).first().waitFor();
    assert.equal(await page.locator("main img, main script, main b[onclick]").count(), 0, view);
    await fitsWidth(page, view);
    await check();
  }
});
