// The server stops, and another one answers in its place: the page says so and shows nothing of the dead one as new.
import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "./support.mjs";

const own = world();
const DATASET = "/resource/4tka-6guv.json";
/** The page may have tried by itself meanwhile. */
const tryNow = (page) => page.getByRole("button", { name: "Try now" }).or(page.getByText("The server was restarted.")).first().click();
const gone = (page) => page.getByText("The server does not answer.");

test("a stopped server is told, rows and filters stay, and a new one is read anew", async () => {
  const { page, check } = await own.open("/__mock/datasets/4tka-6guv?where=magnitude%20%3E%203", { refusals: true });
  await own.write("POST", DATASET, [{ earthquake_id: "old-server", magnitude: 9 }]);
  await page.locator(".grid-cell", { hasText: "old-server" }).waitFor();
  const port = await own.stop();
  await gone(page).waitFor();
  await page.locator(".grid-name", { hasText: "Magnitude" }).click();
  await page.locator(".grid-cell", { hasText: "old-server" }).waitFor();
  assert.equal(await page.locator(".editor-error").count(), 0);
  await own.start(port);
  await tryNow(page);
  await page.getByText("The server was restarted.").waitFor();
  await page.locator(".grid-cell", { hasText: "old-server" }).waitFor({ state: "detached" });
  await page.waitForFunction(() => document.querySelector(".toolbar [role=status]")?.textContent === "3 of 12 rows");
  await page.getByRole("button", { name: "Close this message" }).click();
  await page.getByText("The server was restarted.").waitFor({ state: "detached" });
  await check();
});

test("the log of a dead server is not the log of the next one", async () => {
  const { page, check } = await own.open("/__mock/requests", { refusals: true });
  await own.write("POST", DATASET, [{ earthquake_id: "one", magnitude: 1 }]);
  await own.write("POST", DATASET, [{ earthquake_id: "two", magnitude: 1 }]);
  await page.waitForFunction(() => document.querySelectorAll("a.entry").length === 2);
  const port = await own.stop();
  await gone(page).waitFor();
  await page.locator(".line.gone").waitFor();
  assert.equal(await page.locator("a.entry").count(), 2);
  await own.start(port);
  await tryNow(page);
  await page.getByText("The server was restarted.").waitFor();
  await page.getByText("No request yet.").waitFor();
  await own.write("GET", DATASET);
  await page.waitForFunction(() => document.querySelectorAll("a.entry").length === 1);
  await check();
});

test("a write before the events are connected is shown all the same", async () => {
  const { page, check } = await own.open("/__mock/", {});
  let pass;
  const held = new Promise((done) => { pass = done; });
  await page.route("**/v1/events*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${own.url}/__mock/datasets/4tka-6guv`);
  await page.waitForSelector(".grid-row .number");
  await own.write("POST", DATASET, [{ earthquake_id: "before-events", magnitude: 1 }]);
  pass();
  await page.getByRole("status").getByText("13 rows", { exact: true }).waitFor();
  await page.locator(".grid-cell", { hasText: "before-events" }).waitFor();
  await check();
});
