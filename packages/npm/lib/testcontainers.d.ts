import { AbstractStartedContainer, GenericContainer } from "testcontainers";
import type { Server } from "./index";

export class SodaMockContainer extends GenericContainer {
  constructor(image?: string);
  start(): Promise<StartedSodaMockContainer>;
}
export class StartedSodaMockContainer extends AbstractStartedContainer {
  server(): Server;
}
