import { expect } from "vitest";
import { test } from "soda-mock/vitest";
import { READINGS, publish } from "./publish.js";

test("what was applied is not written twice", async ({ sodaSpace }) => {
  const readings = await sodaSpace.dataset("read-ings", READINGS);
  await sodaSpace.preset("upsert-applied-but-502");
  await publish(sodaSpace, readings, [{ id: "a", value: 1 }]);
  await sodaSpace.expect(readings, { count: 1 });
  expect(await sodaSpace.rows(readings)).toMatchObject([{ id: "a", value: "1" }]);
});
