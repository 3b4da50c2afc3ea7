/** A seeded generator (mulberry32), so that every table can be computed again to the last digit. */
export function prng(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Draws from an exponential distribution with the given mean. */
export const exponential = (random, mean) => -mean * Math.log(1 - random());

/** Draws from a Pareto distribution with the given smallest value and tail exponent. */
export const pareto = (random, smallest, alpha) => smallest * (1 - random()) ** (-1 / alpha);

/** Returns a function that draws ranks 0..n-1 with probability proportional to 1/(rank+1)^s. */
export function zipf(random, n, s) {
  const cumulative = new Float64Array(n);
  let sum = 0;
  for (let rank = 0; rank < n; rank++) cumulative[rank] = sum += 1 / (rank + 1) ** s;
  return () => {
    const target = random() * sum;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
