// Tables I to IV of 0000.00007: how often an invented number or quotation looks supported. Usage: node simulate.mjs

/** Probability of every leading-digit string of `digits` digits under Benford's law. */
function benford(digits) {
  const low = 10 ** (digits - 1);
  return Array.from({ length: 9 * low }, (_, i) => Math.log10(1 + 1 / (low + i)));
}

console.log('Table I: chance that an invented number equals one of n numbers of the paper, by digits compared');
for (const digits of [1, 2, 3, 4]) {
  const p = benford(digits);
  const row = [20, 50, 100, 200, 400].map((n) => p.reduce((sum, x) => sum + x * (1 - (1 - x) ** n), 0));
  console.log(digits, ...row.map((x) => (100 * x).toFixed(1)));
}

console.log('\nTable II: three numbers in one sentence, all three by chance, all within a window of m numbers');
for (const digits of [2, 3]) {
  const p = benford(digits);
  const row = [5, 10, 20, 200].map((n) => p.reduce((sum, x) => sum + x * (1 - (1 - x) ** n), 0));
  console.log(digits, ...row.map((x) => `${(100 * x).toFixed(2)} -> ${(100 * x ** 3).toExponential(1)}`));
}

console.log('\nTable III: share of k-word shingles of an L-word quotation that survive one changed word, mean and worst');
for (const L of [8, 12, 20, 40]) {
  console.log(L, ...[2, 3, 5].map((k) => {
    const total = L - k + 1;
    let sum = 0;
    let worst = total;
    for (let i = 0; i < L; i++) {
      const hit = Math.min(i, L - k) - Math.max(0, i - k + 1) + 1;
      sum += total - hit;
      worst = Math.min(worst, total - hit);
    }
    return `${((100 * sum) / L / total).toFixed(0)} (${((100 * worst) / total).toFixed(0)})`;
  }));
}

console.log('\nTable IV: true unsupported rate u, check with miss rate m and false alarm rate a: precision of an alarm');
for (const u of [0.02, 0.05, 0.2]) {
  console.log(u, ...[[0.25, 0.01], [0.25, 0.05], [0.05, 0.05], [0.05, 0.2]].map(([m, a]) => ((100 * u * (1 - m)) / (u * (1 - m) + (1 - u) * a)).toFixed(0)));
}
