// Tables I and II of 0000.00001: what stalled workers do to a lease protocol.
// Usage: node simulate.mjs
import { exponential, pareto, prng } from '../prng.mjs';

const JOBS = 200_000;
const STEPS = 5; // requests a job
const REQUEST_MEAN = 40; // seconds
const HEARTBEAT = 60; // seconds
const STALL_PER_STEP = 0.02;
const STALL_MIN = 10; // seconds
const STALL_TAIL = 1.1;
const CLAIM_MEAN = 15; // seconds until somebody looks for expired leases

/** Runs all jobs with one time to live; `inGap` is the share of stalls that begin between check and write. */
function run(ttl, inGap, seed) {
  const random = prng(seed);
  const total = { takeovers: 0, unguarded: 0, checked: 0, fenced: 0, refused: 0, repeated: 0 };
  for (let job = 0; job < JOBS; job++) {
    for (let step = 0; step < STEPS; step++) {
      exponential(random, REQUEST_MEAN);
      if (random() >= STALL_PER_STEP) continue;
      const stall = pareto(random, STALL_MIN, STALL_TAIL);
      const leaseLeft = ttl - random() * HEARTBEAT;
      const claimedAfter = leaseLeft + exponential(random, CLAIM_MEAN);
      const betweenCheckAndWrite = random() < inGap;
      if (stall <= claimedAfter) continue;
      // Somebody else holds the job now; the sleeper wakes and wants to write what it has.
      total.takeovers++;
      total.unguarded++;
      if (betweenCheckAndWrite) total.checked++;
      total.refused++;
      total.repeated++; // the request that was in flight is sent again by the successor
      break; // the successor finishes the job
    }
  }
  return total;
}

const per = (count) => ((count / JOBS) * 10_000).toFixed(1);
console.log('ttl  takeovers  unguarded  checked(1%)  checked(10%)  fenced  repeated | tail formula');
for (const ttl of [60, 120, 300, 600, 1200]) {
  const one = run(ttl, 0.01, 1);
  const ten = run(ttl, 0.1, 1);
  const left = ttl - HEARTBEAT / 2 + CLAIM_MEAN;
  const formula = STEPS * STALL_PER_STEP * Math.min(1, STALL_MIN / left) ** STALL_TAIL * 10_000;
  console.log(
    [ttl, per(one.takeovers), per(one.unguarded), per(one.checked), per(ten.checked), per(one.fenced), per(one.repeated), formula.toFixed(1)].join('\t'),
  );
}
console.log('\nttl  mean wait after a crash (s) = ttl - heartbeat/2 + claim');
for (const ttl of [60, 120, 300, 600, 1200]) console.log(ttl, ttl - HEARTBEAT / 2 + CLAIM_MEAN);
console.log('\nP(k heartbeats in a row are lost), each lost with probability p');
for (const p of [0.01, 0.05, 0.1]) console.log(p, [1, 2, 4, 5, 9].map((k) => (p ** k).toExponential(1)).join('  '));
