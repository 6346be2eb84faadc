"use strict";
// Where the binary is.
const { existsSync } = require("node:fs");
const { delimiter, join } = require("node:path");

const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];
const NAME = process.platform === "win32" ? "soda-mock.exe" : "soda-mock";

class MissingBinary extends Error {}

/** The path of the binary: the one of SODA_MOCK, else that of this platform's package, else that of a folder of PATH
 * that is not a `node_modules/.bin`, whose command is this package's own. */
function findBinary(named = process.env.SODA_MOCK) {
  if (named) {
    if (existsSync(named)) return named;
    throw new MissingBinary(`${named} is not there; name the soda-mock binary, or leave SODA_MOCK unset`);
  }
  const platform = `${process.platform}-${process.arch}`;
  try {
    return require.resolve(`@soda-mock/${platform}/bin/${NAME}`);
  } catch {
    // The package is optional: not on every platform, and not with --omit=optional.
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => join(folder, NAME)).find((path) => existsSync(path));
  if (found) return found;
  const how = PLATFORMS.includes(platform)
    ? `npm install @soda-mock/${platform} has it (npm leaves it out with --omit=optional)`
    : `no package has it for ${platform}`;
  throw new MissingBinary(
    `the soda-mock binary is not here: ${how}; else build it (cargo install soda-mock) and name it in SODA_MOCK`,
  );
}

module.exports = { MissingBinary, PLATFORMS, findBinary };
