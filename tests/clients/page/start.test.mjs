// The first visit, on an empty server, over both schemes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { clipboard, world } from "./support.mjs";

const own = world({ demo: false });

test("an empty server says what to do next, and pasting it works", async () => {
  const { page, check } = await own.open("/__mock/");
  await page.getByRole("heading", { name: "No datasets yet" }).waitFor();
  await page.getByText("publisher@example.com:publisher").first().waitFor();
  const paste = async (label) => {
    await page.locator("figure", { has: page.getByLabel(label) }).getByRole("button").click();
    return execFileSync("bash", ["-c", await clipboard(page)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  };
  assert.match(await paste("Command that makes a dataset"), /"id":"abcd-1234"/);
  assert.match(await paste("Command that writes rows"), /"Rows Created" : 2/);
  await page.goto(`${own.url}/__mock/start`);
  await page.getByRole("heading", { name: "Start here" }).waitFor();
  assert.match(await paste("Command that reads rows"), /"amount":"12.50"/);
  await check();
});

test("the steps to trust the CA are told for each system", async () => {
  const { page, check } = await own.open("/__mock/start");
  const names = await page.getByLabel("For").locator("option").allInnerTexts();
  assert.ok(names.length >= 8, names.join());
  for (const name of names) {
    await page.getByLabel("For").selectOption({ label: name });
    assert.match(await page.getByLabel("Trust steps").innerText(), /soda-mock|ca\.pem/);
  }
  assert.match(await own.admin("GET", "/ca.pem"), /BEGIN CERTIFICATE/);
  await check();
});

test("the page works over https too", async () => {
  const { page, check } = await own.open("/__mock/start", { base: own.https });
  await page.getByRole("heading", { name: "Trust its certificates" }).waitFor();
  await check();
});
