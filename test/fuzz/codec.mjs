#!/usr/bin/env -S node --enable-source-maps --max-old-space-size=192
// The fuzzing program for the codec: libFuzzer, guided by where lib/serialize goes. Used as the native ones are:
//
//   test/fuzz/codec.mjs [libFuzzer's options] FOLDER …    makes inputs from those that lie there
//   test/fuzz/codec.mjs FILE …                            checks these inputs, each once
import * as fc from 'fast-check';
import { createRequire, register } from 'node:module';

import { intoOneArray } from './counters.mjs';

register('./instrumented.mjs', import.meta.url);
const { checkMessage } = await import('./codec-input.mjs');
const { messages, values } = await import('./messages.mjs');

const require = createRequire(import.meta.url);
const { run } = require('../../build-native/fuzz/procloom-fuzz-javascript.node');

/** More than libFuzzer's -max_len, or a file that is replayed. */
const input = new Uint8Array(1 << 20);

function check(length) {
  try {
    checkMessage(input.subarray(0, length));
  } catch (error) {
    console.error('finding:', error);
    throw error;
  }
}

/** Draws one after the other; many at once, which is faster. */
function drawnFrom(arbitrary) {
  let drawn = [];
  return (seed) => {
    if (drawn.length === 0) drawn = fc.sample(arbitrary, { seed, numRuns: 64 });
    return drawn.pop();
  };
}
const aMessage = drawnFrom(messages);
const aValue = drawnFrom(values);

/** Another message in place of this one, or another value somewhere in it: in front of what is there, or over it. */
function change(length, seed) {
  if (length === 0 || seed % 4 === 0) {
    const message = aMessage(seed);
    input.set(message);
    return message.length;
  }
  const value = aValue(seed);
  const at = 1 + ((seed >>> 4) % length);
  const over = seed % 4 === 1 ? 0 : (seed >>> 16) % 16;
  const rest = Math.min(at + over, length);
  input.copyWithin(at + value.length, rest, length);
  input.set(value, at);
  return at + value.length + length - rest;
}

process.exitCode = run(process.argv.slice(1), intoOneArray(globalThis.reached), input, check, change);
