export default { test: { include: ["vitest.test.mjs"], globalSetup: ["soda-mock/setup"] } };
