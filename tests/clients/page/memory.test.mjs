// What a view that stays open for long keeps of the requests that it showed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PUBLISHER, world } from "./support.mjs";

const own = world();

/** So many requests pass the log, which shows 400 of them. */
const REQUESTS = 3_000;
/** The most that the page's objects may grow by meanwhile, in bytes. */
const GROWTH = 16 * 1024 * 1024;

async function heap(session) {
  await session.send("HeapProfiler.collectGarbage");
  return (await session.send("Runtime.getHeapUsage")).usedSize;
}

async function send(from, to) {
  const write = (key) => fetch(`${own.url}/resource/4tka-6guv.json`, {
    method: "POST", body: JSON.stringify([{ earthquake_id: `memory-${key}`, magnitude: 1 }]),
    headers: { Authorization: PUBLISHER, "Content-Type": "application/json" },
  }).then((response) => response.text());
  for (let key = from; key < to; key += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, step) => write(key + step)));
  }
}

test("the live log keeps only the requests that it shows", async () => {
  const { page, check } = await own.open("/__mock/requests");
  const session = await page.context().newCDPSession(page);
  const newest = (text) => page.waitForFunction((wanted) => document.querySelector(".log-table tbody td")?.textContent === wanted, text);
  await send(0, 500);
  await newest("500");
  const before = await heap(session);
  await send(500, 500 + REQUESTS);
  await newest(String(500 + REQUESTS));
  const growth = (await heap(session)) - before;
  assert.ok(growth <= GROWTH, `${REQUESTS} requests left ${(growth / 2 ** 20).toFixed(1)} MiB in the page`);
  assert.equal(await page.locator(".log-table tbody tr").count(), 400);
  await check();
});
