import type { TestAPI } from "vitest";
import type { Server, Space } from "./index";

/** Vitest's `test` with a server of the run and a space of the test's own. */
export const test: TestAPI<{ sodaMock: Server; sodaSpace: Space }>;
export const it: typeof test;
