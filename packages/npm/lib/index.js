"use strict";
const { MissingBinary, findBinary } = require("./binary.js");
const { Server } = require("./server.js");
const { Refused, Space, Unmet } = require("./space.js");
const { shared, withSpace } = require("./shared.js");

module.exports = { MissingBinary, Refused, Server, Space, Unmet, findBinary, shared, withSpace };
