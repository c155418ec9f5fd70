// Driver of the official Binance SDK for JavaScript, run by guest.mjs in its own environment.
import { ConfigurationRestAPI, getSignature } from '@binance/common';
import { DerivativesTradingUsdsFutures } from '@binance/derivatives-trading-usds-futures';

export const SDK = '@binance/derivatives-trading-usds-futures';

const clients = new Map();

function secrets(key) {
  if (key.kind === 'hmac') return { apiKey: key.key, apiSecret: key.secret };
  const passphrase = key.passphrase ? { privateKeyPassphrase: key.passphrase } : {};
  return { apiKey: key.key, privateKey: key.secret, ...passphrase };
}

function rest(ask) {
  const known = JSON.stringify([ask.rest, ask.key]);
  if (!clients.has(known)) {
    const configurationRestAPI = {
      ...secrets(ask.key), basePath: ask.rest, timeout: 20000, retries: 0,
    };
    clients.set(known, new DerivativesTradingUsdsFutures({ configurationRestAPI }).restAPI);
  }
  return clients.get(known);
}

// One connection a key: closing one takes this SDK a second.
async function sendFrame(ask) {
  const known = JSON.stringify([ask.frames, ask.key]);
  if (!clients.has(known)) {
    const configurationWebsocketAPI = {
      ...secrets(ask.key), wsURL: `${ask.frames}/ws-fapi/v1`, timeout: 20000,
    };
    const client = new DerivativesTradingUsdsFutures({ configurationWebsocketAPI });
    clients.set(known, await client.websocketAPI.connect());
  }
  const payload = { id: '0'.repeat(32), ...(ask.logical.query ?? {}) };
  await clients.get(known).sendSignedMessage(ask.logical.path, payload);
}

export async function send(ask) {
  const { method, path, query = {}, body = {} } = ask.logical;
  if (method === 'WS') return sendFrame(ask);
  await rest(ask).sendSignedRequest(path, method, query, body);
  return '';
}

export function sign(ask) {
  return getSignature(new ConfigurationRestAPI(secrets(ask.key)), ask.logical.query ?? {});
}
