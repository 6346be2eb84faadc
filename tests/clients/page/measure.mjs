// What the page costs: `SODA_MOCK_BINARY=… node --test measure.mjs` prints bytes, times and memory, and fails on none of them.
// REQUESTS says how many requests pass the live log.
import { test } from "node:test";
import { PUBLISHER, world } from "./support.mjs";

const own = world();
const REQUESTS = Number(process.env.REQUESTS ?? 50_000);
const TOGETHER = 20;
const MIB = 2 ** 20;

test("the first load: bytes on the wire, requests, first contentful paint", async () => {
  for (const [name, path] of [["list", "/__mock/"], ["rows", "/__mock/datasets/4tka-6guv"], ["log", "/__mock/requests"]]) {
    const { page, check } = await own.open("/__mock/start");
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.clearBrowserCache");
    const sizes = [];
    session.on("Network.loadingFinished", ({ encodedDataLength }) => sizes.push(encodedDataLength));
    await page.goto(own.url + path);
    await page.waitForTimeout(1500);
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    console.log(`${name}: ${(sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1)} KB in ${sizes.length} requests, first contentful paint ${Math.round(paint)} ms`);
    await check();
  }
});

test("the live log: memory, and the share of a core between events", async () => {
  const { page, check } = await own.open("/__mock/requests");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const heap = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize / MIB;
  };
  const busy = async () => (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  console.log(`before: ${(await heap()).toFixed(1)} MiB`);
  const write = (key) => fetch(`${own.url}/resource/4tka-6guv.json`, { method: "POST", body: `[{"earthquake_id":"m-${key % 500}","magnitude":1}]`, headers: { Authorization: PUBLISHER, "Content-Type": "application/json" } }).then((answer) => answer.text());
  const [start, began] = [performance.now(), await busy()];
  for (let key = 0; key < REQUESTS; key += TOGETHER) await Promise.all(Array.from({ length: TOGETHER }, (_, step) => write(key + step)));
  const seconds = (performance.now() - start) / 1000;
  console.log(`${REQUESTS} requests in ${seconds.toFixed(0)} s: ${(await heap()).toFixed(1)} MiB, busy ${(100 * ((await busy()) - began) / seconds).toFixed(0)} % of a core meanwhile`);
  await page.waitForTimeout(2000);
  const quiet = await busy();
  await page.waitForTimeout(10_000);
  console.log(`between events: ${(10 * ((await busy()) - quiet)).toFixed(1)} % of a core`);
  await check();
});

test("an answer of many rows and columns: first cells, and scrolling", async () => {
  const { page, check } = await own.open("/__mock/query");
  for (const rows of [10_000, Number(process.env.ROWS ?? 100_000)]) {
    const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT ${Array.from({ length: 200 }, (_, at) => `i + ${at} AS c${at}`).join(", ")} FROM n`;
    await page.goto(`${own.url}/__mock/query?sql=${encodeURIComponent(sql)}`, { waitUntil: "commit" });
    await page.waitForSelector(".grid-row .number", { timeout: 300_000 });
    const times = await page.evaluate(() => {
      const answer = performance.getEntriesByType("resource").find(({ name }) => name.includes("/sql"));
      return { answer: Math.round(answer?.responseEnd ?? 0), now: Math.round(performance.now()) };
    });
    const frames = await page.evaluate(async () => {
      const grid = document.querySelector(".grid");
      let [longest, before] = [0, performance.now()];
      for (let step = 0; step < 60; step += 1) {
        grid.scrollTop += 700;
        grid.scrollLeft += 90;
        const now = await new Promise(requestAnimationFrame);
        longest = Math.max(longest, now - before);
        before = now;
      }
      return Math.round(longest);
    });
    console.log(`${rows} rows of 200 columns: first cells ${times.now - times.answer} ms after the answer, longest frame of 60 while scrolling ${frames} ms`);
  }
  await check();
});
