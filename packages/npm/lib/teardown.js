"use strict";
// `globalTeardown` of Jest.
module.exports = async function teardown() {
  await globalThis.__sodaMock?.stop();
};
