// node --test
import { test } from "node:test";
import { withSpace } from "soda-mock/node";
import { READINGS, publish } from "./publish.js";

test("rows arrive", withSpace(async (space) => {
  const readings = await space.dataset("read-ings", READINGS);
  await publish(space, readings, [{ id: "a", value: 1 }]);
  await space.expect(readings, { rows: [{ id: "a", value: 1 }] });
  await space.verify({ operation: "upsert", rows: { created: 1, errors: 0 }, times: 1 });
}));

test("an outage is survived", withSpace(async (space) => {
  const readings = await space.dataset("read-ings", READINGS);
  const outage = await space.fault({ status: 503 }, { times: 2, operation: "upsert" });
  await publish(space, readings, [{ id: "a", value: 1 }]);
  await space.expect(readings, { count: 1 });
  if (await space.hits(outage) !== 2) throw new Error("the outage was not met");
}));
