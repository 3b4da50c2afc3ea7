// Tables 1 to 3 of 0000.00005: bytes written by checkpoints. Usage: node simulate.mjs
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { prng, zipf } from '../prng.mjs';

const random = prng(5);
const draw = zipf(random, 8000, 1);
const spell = (rank) => {
  const letters = 'etaoinshrdlucmfwypvbgkqjxz';
  let word = '';
  for (let n = rank + 1; n > 0; n = Math.floor(n / 26)) word += letters[n % 26];
  return word + 'aeiou'[rank % 5];
};
/** Text of about `bytes` bytes with word frequencies as in natural language. */
function text(bytes) {
  const words = [];
  let size = 0;
  while (size < bytes) {
    const word = spell(draw());
    words.push(word);
    size += word.length + 1;
  }
  return words.join(' ');
}

function measure(paperBytes, steps, stepBytes) {
  const state = { paper: text(paperBytes) };
  const blobs = new Map();
  const bytes = { full: 0, deflated: 0, addressed: 0 };
  const put = (value) => {
    const hash = createHash('sha256').update(value).digest('hex');
    if (!blobs.has(hash)) {
      const size = deflateSync(value).length;
      blobs.set(hash, size);
      bytes.addressed += size + 32;
    }
    return { $blob: hash };
  };
  for (let step = 0; step < steps; step++) {
    state[`step${step}`] = text(stepBytes);
    const snapshot = JSON.stringify(state);
    bytes.full += snapshot.length;
    bytes.deflated += deflateSync(snapshot).length;
    const references = Object.fromEntries(
      Object.entries(state).map(([key, value]) => [key, value.length > 512 ? put(value) : value]),
    );
    bytes.addressed += JSON.stringify(references).length;
  }
  return bytes;
}

console.log('Table 1: kB written; paper kB, steps, step kB: full, deflated, addressed, ratio');
for (const [paper, steps, step] of [
  [60_000, 5, 4_000],
  [60_000, 10, 4_000],
  [60_000, 20, 4_000],
  [200_000, 10, 4_000],
  [60_000, 10, 400],
]) {
  const bytes = measure(paper, steps, step);
  const kb = (n) => (n / 1000).toFixed(0);
  console.log(paper, steps, step, kb(bytes.full), kb(bytes.deflated), kb(bytes.addressed), (bytes.full / bytes.addressed).toFixed(1));
}

console.log('\nTable 2: best interval sqrt(2 C M) and the share of time lost at it, sqrt(2 C / M)');
for (const cost of [0.005, 0.05, 0.5]) {
  console.log(cost, ...[600, 3600, 86400].map((m) => `${Math.sqrt(2 * cost * m).toFixed(1)} s (${(Math.sqrt((2 * cost) / m) * 100).toFixed(3)}%)`));
}

console.log('\nTable 3: n blobs, bound on a collision n^2 / 2^(b+1) for b = 64, 128, 256');
for (const n of [1e4, 1e6, 1e9, 1e12]) {
  console.log(n, ...[64, 128, 256].map((b) => ((n * n) / 2 ** (b + 1)).toExponential(1)));
}
