// Vitest: `test` with the fixture `sodaSpace`, a space of the test's own.
import { test as base } from "vitest";
import shared from "./shared.js";

export const test = base.extend({
  sodaMock: async ({}, use) => use(await shared.shared()),
  sodaSpace: async ({ sodaMock, task }, use) => {
    const space = await sodaMock.space();
    await use(space);
    for (const error of task.result?.errors ?? []) await shared.told(error, space);
    await space.remove();
  },
});
export const it = test;
