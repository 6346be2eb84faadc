// Publishing by revision, as the page shows it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PUBLISHER, accessible, fitsWidth, world } from "./support.mjs";

const own = world();
const REVISIONS = "/__mock/datasets/4tka-6guv/revisions";

async function publishing(method, path, body, type = "application/json") {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${own.url}/api/publishing/v1${path}`, { method, body: text, headers: { Authorization: PUBLISHER, "Content-Type": type } });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.json();
}

/** A revision with one source; its number. */
async function revise(csv) {
  const { resource: { revision_seq: seq } } = await publishing("POST", "/revision/4tka-6guv", { action: { type: "update" } });
  const { resource: { id } } = await publishing("POST", `/revision/4tka-6guv/${seq}/source`, { source_type: { type: "upload", filename: "quakes.csv" } });
  await publishing("POST", `/source/${id}`, csv, "text/csv");
  return seq;
}

const CSV = "earthquake_id,magnitude,region\nrev-1,1.5,Here\nrev-2,heavy,There\nrev-3,3,Far\n";
const row = async (key) => (await fetch(`${own.url}/resource/4tka-6guv/${key}.json`)).json();

test("a revision shows its errors by cell, a transform is changed, and it is applied", async () => {
  const seq = await revise(CSV);
  const { page, check } = await own.open(REVISIONS);
  const line = page.getByRole("row", { name: new RegExp(`^${seq} open update`) });
  await line.waitFor();
  await accessible(page, "revisions");
  await line.getByRole("link").click();
  const transform = page.getByRole("region", { name: "Transform of Magnitude" });
  await transform.getByRole("row", { name: /1 heavy .*Unable to convert "heavy" from text to number/ }).waitFor();
  await accessible(page, "revision");
  await fitsWidth(page, "revision");
  await transform.getByLabel("Transform", { exact: true }).fill("coalesce(forgive(to_number(`magnitude`)), 9)");
  await transform.getByRole("button", { name: "Change" }).click();
  await page.locator("td.mono", { hasText: "forgive" }).waitFor();
  await transform.getByRole("row", { name: /^1 heavy 9$/ }).waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator(".revisions .mark", { hasText: "applied" }).waitFor();
  await page.getByText("15 rows").first().waitFor();
  assert.deepEqual([(await row("rev-1")).magnitude, (await row("rev-2")).magnitude], ["1.5", "9"]);
  await check();
});

test("a refused transform says why, and a revision is discarded", async () => {
  const seq = await revise(CSV.replaceAll("rev-", "gone-"));
  const { page, check } = await own.open(`${REVISIONS}/${seq}`, { width: 360, height: 740, refusals: true });
  await page.getByRole("button", { name: "Magnitude" }).click();
  await page.getByLabel("Transform", { exact: true }).fill("to_numbr(`magnitude`)");
  await page.getByRole("button", { name: "Change" }).click();
  await page.locator(".failure", { hasText: "to_numbr" }).waitFor();
  await fitsWidth(page, "revision");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
  await page.locator(".revisions .mark", { hasText: "discarded" }).waitFor();
  assert.equal((await row("gone-1")).errorCode, "soda.row.not-found");
  await check();
});
