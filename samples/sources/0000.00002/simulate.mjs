// Tables 1 to 4 of 0000.00002: budgets and rate limits. Usage: node simulate.mjs
import { exponential, prng } from '../prng.mjs';

console.log('Table 2: buckets that keep a limit of 20 in any 60 s: burst, refill/min, s to send 20, 100, 1000');
for (const burst of [1, 2, 5, 10, 15, 19]) {
  const refill = 20 - burst;
  const seconds = (n) => (Math.max(0, n - burst) / refill) * 60;
  console.log(burst, refill, ...[20, 100, 1000].map((n) => Math.round(seconds(n))));
}
console.log('\nTable 1: requests admitted, limit 20 a minute: worst 60 s, worst 61 s, worst 120 s');
console.log('fixed window', 2 * 20, 2 * 20, 3 * 20);
console.log('sliding window', 20, 40, 40);
console.log('bucket 20+20/min', 20 + 20, 20 + Math.floor((20 * 61) / 60), 20 + 40);
console.log('bucket 5+15/min', 5 + 15, 5 + Math.floor((15 * 61) / 60), 5 + 30);

console.log('\nTable 4: papers a day from 1000 requests; k calls a paper, failure rate f, at most 3 tries');
for (const k of [4, 5, 7, 9]) {
  const row = [0, 0.02, 0.1, 0.25].map((f) => {
    const tries = 1 + f + f * f;
    const all = (1 - f ** 3) ** k;
    return `${Math.floor(1000 / (k * tries))} (${(all * 100).toFixed(1)}%)`;
  });
  console.log(k, ...row);
}

/** Workers that look at the counter, think, send, and count afterwards. Returns the requests beyond the budget. */
function overshoot(workers, budget, gapMean, random) {
  const events = [];
  for (let worker = 0; worker < workers; worker++) events.push({ at: exponential(random, 20), kind: 'check' });
  let counted = 0;
  let sent = 0;
  while (events.length > 0) {
    events.sort((a, b) => b.at - a.at);
    const event = events.pop();
    if (event.kind === 'check') {
      if (counted >= budget) continue;
      sent++;
      events.push({ at: event.at + exponential(random, gapMean), kind: 'count' });
    } else {
      counted++;
      events.push({ at: event.at + exponential(random, 20), kind: 'check' });
    }
  }
  return sent - budget;
}
console.log('\nTable 3: requests beyond the budget; counted after the answer: workers, mean, largest of 2000 days');
for (const [label, gap] of [['counted after a 20 s answer', 20], ['counted 0.5 s after the check', 0.5]]) {
  for (const workers of [2, 4, 8, 16]) {
    const random = prng(workers * 7 + gap * 10);
    let sum = 0;
    let most = 0;
    for (let day = 0; day < 2000; day++) {
      const over = overshoot(workers, 100, gap, random);
      sum += over;
      most = Math.max(most, over);
    }
    console.log(label, workers, (sum / 2000).toFixed(2), most);
  }
}
