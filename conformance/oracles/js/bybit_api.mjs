// Driver of the usual Bybit client for JavaScript, run by guest.mjs in its own environment.
import { createRequire } from 'node:module';

const { RestClientV5, WebsocketClient } = createRequire(import.meta.url)('bybit-api');

export const SDK = 'bybit-api';

const clients = new Map();

function client(ask) {
  const known = JSON.stringify([ask.rest, ask.key, ask.window_ms]);
  if (!clients.has(known)) {
    const options = {
      key: ask.key.key, secret: ask.key.secret, baseUrl: ask.rest, parse_exceptions: false,
      ...(ask.window_ms ? { recv_window: ask.window_ms } : {}),
    };
    clients.set(known, new RestClientV5(options, { timeout: 20000 }));
  }
  return clients.get(known);
}

// A login is composed only: sending it needs the venue's own way of answering.
async function login(ask) {
  const { key, secret } = ask.key;
  const streams = new WebsocketClient({ key, secret, ...(ask.logical.query ?? {}) });
  return JSON.stringify(await streams.getWsAuthRequestEvent('v5Private'));
}

export async function send(ask) {
  const { method, path, query = {}, body = {} } = ask.logical;
  if (method === 'WS') return login(ask);
  const asked = { ...query, ...body };
  const call = method === 'GET' ? 'getPrivate' : 'postPrivate';
  await client(ask)[call](path, asked);
  return '';
}

export async function sign(ask) {
  const { method, query = {}, body = {} } = ask.logical;
  const made = await client(ask).signRequest({ ...query, ...body }, method, 'v5auth');
  return made.sign;
}
