// A server that asks for its admin token, with the admin API on a port of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clipboard, world } from "./support.mjs";

const own = world({ args: ["--admin-token", "sesame", "--admin-listen", "127.0.0.1:0"] });

test("the page asks for the token once and names the port of the emulated API", async () => {
  const { page, check } = await own.open("/__mock/", { refusals: true });
  await page.getByRole("heading", { name: "This server asks for its admin token" }).waitFor();
  await page.getByLabel("Admin token").fill("wrong");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByText("That is not the admin token").waitFor();
  await page.getByLabel("Admin token").fill("sesame");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("link", { name: "USGS Earthquakes" }).click();
  await page.waitForSelector(".grid-row .number");
  await page.getByRole("link", { name: "Endpoints" }).click();
  await page.locator("tr", { hasText: "Rows" }).first().getByRole("button").click();
  const wire = new URL(own.https).port;
  assert.notEqual(wire, new URL(own.url).port);
  assert.equal(await clipboard(page), `https://localhost:${wire}/resource/4tka-6guv.json`);
  await page.reload();
  await page.waitForSelector(".code");
  await check();
});

test("a link with the token in it needs no question, and the token leaves the address", async () => {
  const { page, check } = await own.open("/__mock/#token=sesame");
  await page.getByRole("link", { name: "USGS Earthquakes" }).waitFor();
  assert.doesNotMatch(page.url(), /sesame/);
  await check();
});
