"use strict";
// soda-mock in a container, by Testcontainers (`npm install testcontainers`):
//   const mock = await new SodaMockContainer("ghcr.io/YOUR-ORGANISATION/soda-mock:latest").start();
//   const space = await mock.server().space();
const { AbstractStartedContainer, GenericContainer, Wait } = require("testcontainers");
const { Server } = require("./server.js");

const PORT = 7632;

/** The image of docker/Dockerfile. It has started when its ready line is in the log. */
class SodaMockContainer extends GenericContainer {
  constructor(image = "soda-mock") {
    super(image);
    this.withExposedPorts(PORT).withWaitStrategy(Wait.forLogMessage('"event":"ready"'));
  }

  async start() {
    return new StartedSodaMockContainer(await super.start());
  }
}

class StartedSodaMockContainer extends AbstractStartedContainer {
  /** The server in the container, as that of a process. */
  server() {
    return Server.at(`http://${this.getHost()}:${this.getMappedPort(PORT)}`);
  }
}

module.exports = { SodaMockContainer, StartedSodaMockContainer };
