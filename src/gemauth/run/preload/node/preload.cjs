'use strict';
// Sends a Node program's connections to Google's hosts to the emulator, proxy or no proxy: for
// https, fetch, undici and http2 of any version. Loaded by NODE_OPTIONS=--require inside
// `gemauth emulator run`. Trust comes from NODE_EXTRA_CA_CERTS; `constants.json`, beside it, is
// written by gemauth.run.preload for one run. Source: interception.md section 7, pitfall 6.

const net = require('net');
const { domainToASCII } = require('url');
const { address, googles } = require('./constants.json');

const isGoogles = (host) => {
  if (typeof host !== 'string') return false;
  // What a resolver would make of wide letters, other full stops and one number.
  const name = (domainToASCII(host) || host).replace(/\.+$/, '').toLowerCase();
  return name === '169.254.169.254' ||
    googles.some((domain) => name === domain || name.endsWith('.' + domain));
};

const connect = net.Socket.prototype.connect;

// The port is an option of the connection and not of the name's resolution, so it is changed here.
net.Socket.prototype.connect = function (...given) {
  // [options, callback], marked by a symbol of Node's own as already normal.
  const normal = Array.isArray(given[0]) ? given[0] : net._normalizeArgs(given);
  const [options, callback] = normal;
  if (options.path || !isGoogles(options.host)) return connect.apply(this, given);
  const [host, port] = address;
  // A copy: TLS goes on to check the certificate against the host in the original.
  const redirected = [{ ...options, host, port, lookup: undefined }, callback];
  for (const mark of Object.getOwnPropertySymbols(normal)) redirected[mark] = normal[mark];
  return connect.call(this, redirected);
};
