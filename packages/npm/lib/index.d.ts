/** A JSON object of the admin API; /__mock/openapi.json describes each. */
export type Json = Record<string, any>;

/** The line that a server writes when it can work. */
export interface Ready {
  http: string;
  https: string | null;
  admin: string;
  page: string;
  ca: string | null;
  [more: string]: unknown;
}

export class MissingBinary extends Error {}
/** The admin API does not take what was asked. */
export class Refused extends Error {
  code: string;
}
/** What `verify` and `expect` fail with. */
export class Unmet extends Error {}

export function findBinary(named?: string): string;

export class Server {
  readonly ready: Ready;
  readonly url: string;
  readonly https: string | null;
  readonly admin: string;
  readonly page: string;
  readonly ca: string | null;
  static start(options?: { arguments?: string[]; binary?: string }): Promise<Server>;
  static at(ready: Ready | string): Server;
  space(options?: Json): Promise<Space>;
  stop(): Promise<void>;
}

export class Space {
  readonly server: Server;
  readonly name: string;
  readonly url: string;
  readonly https: string | null;
  readonly user: string;
  readonly password: string;
  readonly appToken: string;
  readonly headers: Record<string, string>;
  call(method: string, path: string, body?: Json): Promise<any>;
  dataset(id: string, definition: Json): Promise<string>;
  rows(dataset: string): Promise<Json[]>;
  changes(dataset: string): Promise<Json[]>;
  fault(what: Json | Json[], rule?: { times?: number; [match: string]: any }): Promise<Json>;
  preset(name: string, changes?: Json): Promise<Json>;
  hits(fault: Json): Promise<number>;
  verify(asked?: { times?: number | Json; wait_ms?: number; [match: string]: any }): Promise<Json>;
  expect(dataset: string, expected: Json): Promise<Json>;
  requests(filters?: Record<string, string>): Promise<Json[]>;
  throttle(limits: string): Promise<Json>;
  advance(seconds: number): Promise<Json>;
  snapshot(name: string): Promise<Json>;
  restore(name: string): Promise<Json>;
  reset(to?: string): Promise<Json>;
  report(): Promise<string>;
  remove(): Promise<Json>;
}

/** The run's server: that of `soda-mock/setup`, else that of SODA_MOCK_URL, else one for this process. */
export function shared(): Promise<Server>;
/** A test's function with a space of its own. */
export function withSpace<T>(
  test: (space: Space, ...context: any[]) => Promise<T> | T,
  options?: Json,
): (...context: any[]) => Promise<T>;
