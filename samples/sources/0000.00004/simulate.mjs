// Tables I to III of 0000.00004: clients that were all refused at once. Usage: node simulate.mjs
import { prng } from '../prng.mjs';

const BASE = 1; // seconds
const CAP = 64;
const CLIENTS = 200;
const OUTAGE = 300; // seconds
const CAPACITY = 10; // answers a second after the outage

const waits = {
  'no jitter': (random, n) => Math.min(CAP, BASE * 2 ** n),
  'equal jitter': (random, n) => Math.min(CAP, BASE * 2 ** n) * (0.5 + random() / 2),
  'full jitter': (random, n) => Math.min(CAP, BASE * 2 ** n) * random(),
};

function run(wait, seed) {
  const random = prng(seed);
  const next = Array.from({ length: CLIENTS }, () => ({ at: 0, n: 0 }));
  const perSecond = new Map();
  const answered = new Map();
  let wasted = 0;
  let after = 0;
  let last = 0;
  const queue = [...next];
  while (queue.length > 0) {
    let first = 0;
    for (let i = 1; i < queue.length; i++) if (queue[i].at < queue[first].at) first = i;
    const client = queue[first];
    const second = Math.floor(client.at);
    if (client.at < OUTAGE) wasted++;
    else {
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
      if ((answered.get(second) ?? 0) < CAPACITY) {
        answered.set(second, (answered.get(second) ?? 0) + 1);
        last = Math.max(last, client.at);
        queue.splice(first, 1);
        continue;
      }
      after++;
    }
    client.at += wait(random, client.n++);
  }
  return { wasted, after, peak: Math.max(...perSecond.values()), last: last - OUTAGE };
}

/** One shared circuit: a single probe doubles its wait; after a success the others leave at the capacity. */
function circuit(rateShare) {
  let at = 0;
  let n = 0;
  let probes = 0;
  while (at < OUTAGE) {
    probes++;
    at += Math.min(CAP, BASE * 2 ** n++);
  }
  const rate = CAPACITY * rateShare;
  return { wasted: CLIENTS + probes - 1, after: 0, peak: rate, last: at - OUTAGE + (CLIENTS - 1) / rate };
}

console.log('Table II: refused in the outage, refused after it, peak a second, seconds until all are served');
for (const [name, wait] of Object.entries(waits)) {
  const all = Array.from({ length: 40 }, (_, i) => run(wait, 100 + i));
  const mean = (key) => (all.reduce((sum, one) => sum + one[key], 0) / all.length).toFixed(1);
  console.log(name.padEnd(14), mean('wasted'), mean('after'), mean('peak'), mean('last'));
}
for (const share of [1, 0.5]) {
  const one = circuit(share);
  console.log(`circuit, ${share}`, one.wasted, one.after, one.peak, one.last.toFixed(1));
}

console.log('\nTable I: after n refusals: wait so far (no jitter), expected (full jitter), longest possible; cap 64');
let sum = 0;
for (let n = 0; n < 12; n++) {
  sum += Math.min(CAP, BASE * 2 ** n);
  if ([0, 2, 4, 6, 7, 9, 11].includes(n)) console.log(n + 1, sum, sum / 2);
}

console.log('\nTable III: N clients, full jitter over W seconds: mean a second, P(some second sees more than 10), W = 60');
for (const clients of [60, 120, 200, 300, 600]) {
  const window = 60;
  const mean = clients / window;
  const atMost = Array.from({ length: 11 }, (_, k) => k).reduce((total, k) => {
    let logChoose = 0;
    for (let i = 0; i < k; i++) logChoose += Math.log(clients - i) - Math.log(i + 1);
    return total + Math.exp(logChoose + k * Math.log(1 / window) + (clients - k) * Math.log(1 - 1 / window));
  }, 0);
  console.log(clients, mean.toFixed(1), (1 - atMost).toExponential(1), (1 - atMost ** window).toPrecision(2));
}
