// The JavaScript end of the line protocol: reads asks, drives one SDK, answers.
//
// Run as `node guest.mjs <driver.mjs>` inside the SDK's own environment. The driver exports `SDK`,
// `send(ask)`, which returns a text frame that it composed without a socket, if it did, and
// `sign(ask)`. What is signed is noted at Node's own crypto modules, so the SDK stays as it is.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const signed = [];
const text = (data) => Buffer.from(data).toString('utf8');

const realHmac = crypto.createHmac;
crypto.createHmac = (...given) => {
  const hmac = realHmac(...given);
  const realUpdate = hmac.update.bind(hmac);
  hmac.update = (data, ...rest) => {
    signed.push(text(data));
    return realUpdate(data, ...rest);
  };
  return hmac;
};
const realSign = crypto.sign;
crypto.sign = (algorithm, data, ...rest) => {
  signed.push(text(data));
  return realSign(algorithm, data, ...rest);
};

const subtle = globalThis.crypto.subtle;
const realSubtle = subtle.sign.bind(subtle);
subtle.sign = (algorithm, key, data) => {
  signed.push(text(data));
  return realSubtle(algorithm, key, data);
};

let frozen = 0;
Date.now = () => frozen;
for (const name of ['log', 'info', 'debug', 'warn']) console[name] = console.error;

// A decimal has no type of its own in this language: its text stands for it.
function revive(_, value) {
  return value && typeof value === 'object' && '$decimal' in value ? value.$decimal : value;
}

function version(sdk) {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const manifest = path.join(here, 'node_modules', sdk, 'package.json');
  return JSON.parse(fs.readFileSync(manifest, 'utf8')).version;
}

async function answer(driver, ask) {
  if (ask.do === 'hello') {
    return { sdk: driver.SDK, version: version(driver.SDK), runtime: `Node ${process.version}` };
  }
  frozen = ask.now_ms;
  signed.length = 0;
  let made = {};
  try {
    made = ask.do === 'sign'
      ? { signature: await driver.sign(ask) }
      : { frame: (await driver.send(ask)) ?? '' };
  } catch (error) {
    const trouble = String(error?.message ?? error);
    return signed.length ? { signed: signed.at(-1), failed: trouble } : { refused: trouble };
  }
  return { signed: signed.at(-1) ?? null, ...made };
}

const driver = await import(pathToFileURL(process.argv[2]).href);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line, revive);
  const told = { number: ask.number, ...(await answer(driver, ask)) };
  fs.writeSync(1, `${JSON.stringify(told)}\n`);
}
