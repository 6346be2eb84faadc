"use strict";
const { withSpace } = require("soda-mock/jest");
const { READINGS, publish } = require("./publish.js");

test("what was applied is not written twice", withSpace(async (space) => {
  const readings = await space.dataset("read-ings", READINGS);
  await space.preset("upsert-applied-but-502");
  await publish(space, readings, [{ id: "a", value: 1 }]);
  await space.expect(readings, { count: 1 });
}));
