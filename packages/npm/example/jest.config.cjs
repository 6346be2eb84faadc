"use strict";
module.exports = {
  testMatch: ["**/jest.test.cjs"],
  globalSetup: "soda-mock/setup",
  globalTeardown: "soda-mock/teardown",
};
