// Node.js, loaded by NODE_OPTIONS=--require: connections to the hosts that SODA_MOCK_REDIRECT names go to
// soda-mock, whatever agent makes them. The TLS server name and the Host header stay as they are.
'use strict';

const [place, ...hosts] = (process.env.SODA_MOCK_REDIRECT || '').split(' ').filter(Boolean);

if (hosts.length > 0) {
  const colon = place.lastIndexOf(':');
  const server = { host: place.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(place.slice(colon + 1)) };
  const named = new Set(hosts);
  const isNamed = host => typeof host === 'string' && named.has(host.toLowerCase().replace(/\.$/, ''));
  // Started by PHP, whose own preload has it so; Node reads no proxy of SOCKS.
  if (process.env.https_proxy === `socks5h://${place}`) process.env.https_proxy = `http://${place}`;
  redirectConnections(server, isNamed);
  if (process.env.SODA_MOCK_OTHERS === 'direct') connectOthersDirectly();
}

/** Every TCP connection of Node itself, that of `https`, `fetch` and `tls` included, is made by this method. */
function redirectConnections(server, isNamed) {
  const { Socket } = require('net');
  const connect = Socket.prototype.connect;
  const toServer = options => ({ ...options, ...server, lookup: undefined });
  Socket.prototype.connect = function (...given) {
    const [first, second] = given;
    if (Array.isArray(first)) {
      // What net.connect() has already put in order: options and callback.
      if (isNamed(first[0] && first[0].host)) first[0] = toServer(first[0]);
    } else if (first !== null && typeof first === 'object') {
      if (isNamed(first.host)) given[0] = toServer(first);
    } else if (isNamed(second)) {
      given[0] = server.port;
      given[1] = server.host;
    }
    return connect.apply(this, given);
  };
}

/**
 * With NODE_USE_ENV_PROXY Node sends every host to the proxy, and soda-mock refuses those that it does not
 * stand in for. Named hosts need no proxy here, so the others get their direct connections back.
 */
function connectOthersDirectly() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const readsProxies = major > 22 || (major === 22 && minor >= 21);
  if (process.env.NODE_USE_ENV_PROXY !== '1' || !readsProxies) return;
  for (const protocol of [require('http'), require('https')]) {
    protocol.globalAgent = new protocol.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 });
  }
  // Some versions of Node make the dispatcher of `fetch` after this file has run.
  const { fetch } = globalThis;
  useDirectDispatcher();
  process.nextTick(useDirectDispatcher);
  globalThis.fetch = function (...given) {
    useDirectDispatcher();
    globalThis.fetch = fetch;
    return fetch.apply(this, given);
  };
}

/** Node's dispatcher for proxies holds the one for hosts without a proxy. */
function useDirectDispatcher() {
  const key = Symbol.for('undici.globalDispatcher.1');
  const withProxy = globalThis[key];
  const symbols = withProxy ? Object.getOwnPropertySymbols(withProxy) : [];
  const direct = symbols.find(symbol => symbol.description === 'no proxy agent');
  if (direct) globalThis[key] = withProxy[direct];
}
