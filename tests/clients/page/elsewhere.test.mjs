// The page on an address of its own: what it writes goes to the emulated API all the same. The clock stands still long ago,
// which a browser would take for leave to show what it has kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "./support.mjs";

const own = world({ args: ["--admin-listen", "127.0.0.1:0", "--clock", "2020-01-31T12:00:00Z"] });

test("rows are changed, refused and undone, and requests are sent changed", async () => {
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv/row/71842370", { refusals: true });
  assert.notEqual(new URL(own.https).port, new URL(own.url).port);
  const change = async (value) => {
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: /^Magnitude/ }).fill(value);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  };
  await change("8.8");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator(".values dd", { hasText: "8.8" }).waitFor();
  await change("heavy");
  await page.getByRole("dialog").locator(".failure", { hasText: "maltyped" }).waitFor();
  await page.goto(`${own.url}/__mock/requests`);
  const [write, refused] = (await own.admin("GET", "/requests?operation=upsert")).requests;
  assert.deepEqual([write.client.user, write.status, refused.status], ["publisher@example.com", 200, 400]);
  await page.goto(`${own.url}/__mock/requests/${write.id}`);
  await page.getByRole("button", { name: "Send changed" }).click();
  const form = page.getByRole("form", { name: "Send changed" });
  await form.getByRole("textbox", { name: "Body" }).fill('[{"earthquake_id":"71842370","magnitude":7}]');
  await form.getByRole("button", { name: "Send" }).click();
  await page.getByText(/Replayed as/).waitFor();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByRole("button", { name: "Undo this write" }).click();
  await page.getByText("1 row changed since: 71842370").waitFor();
  await page.getByRole("button", { name: "Undo all the same" }).click();
  await page.getByText(/Taken back by/).waitFor();
  const [row] = await own.admin("POST", "/requests", { method: "GET", path: "/resource/4tka-6guv.json?earthquake_id=71842370" }).then(({ body }) => JSON.parse(body));
  assert.equal(row.magnitude, "1.4");
  await check();
});

test("rows that were read before a write are read again after it", async () => {
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv?where=magnitude%20%3E%202");
  await page.waitForSelector(".grid-row .number");
  await own.admin("POST", "/requests", { user: "publisher@example.com", method: "POST", path: "/resource/4tka-6guv.json", body: '[{"earthquake_id":"c000clg5","magnitude":4.9}]' });
  await page.locator(".grid-cell .number", { hasText: /^4\.9$/ }).first().waitFor();
  await check();
});
