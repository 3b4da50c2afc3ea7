// Tables 1 and 2 of 0000.00006: shortened queries on a synthetic corpus. Usage: node simulate.mjs
import { prng, zipf } from '../prng.mjs';

const DOCUMENTS = 6000;
const VOCABULARY = 30_000;
const TOPICS = 120;
const TOPIC_WORDS = 150;
const LENGTH = 140; // tokens
const TOPIC_SHARE = 0.35;
const QUERIES = 300;
const K1 = 1.2;
const B = 0.75;
const random = prng(6);
const background = zipf(random, VOCABULARY, 1);
const within = zipf(random, TOPIC_WORDS, 0.8);
const topics = Array.from({ length: TOPICS }, () =>
  Array.from({ length: TOPIC_WORDS }, () => 200 + Math.floor(random() * (VOCABULARY - 200))),
);

const documents = [];
for (let d = 0; d < DOCUMENTS; d++) {
  const mine = [topics[d % TOPICS], topics[Math.floor(random() * TOPICS)]];
  const counts = new Map();
  const length = Math.round(LENGTH * (0.6 + 0.8 * random()));
  for (let i = 0; i < length; i++) {
    const token = random() < TOPIC_SHARE ? mine[random() < 0.75 ? 0 : 1][within()] : background();
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  documents.push({ counts, length });
}
const postings = new Map();
documents.forEach(({ counts }, d) => {
  for (const [token, count] of counts) {
    if (!postings.has(token)) postings.set(token, []);
    postings.get(token).push([d, count]);
  }
});
const average = documents.reduce((sum, d) => sum + d.length, 0) / DOCUMENTS;
const idf = (token) => {
  const df = postings.get(token)?.length ?? 0;
  return Math.log(1 + (DOCUMENTS - df + 0.5) / (df + 0.5));
};

/** The ten best documents by BM25 for a list of tokens, and how many postings were read. */
function search(tokens, self) {
  const scores = new Map();
  let read = 0;
  for (const token of tokens) {
    const weight = idf(token);
    for (const [d, count] of postings.get(token) ?? []) {
      read++;
      if (d === self) continue;
      const norm = K1 * (1 - B + (B * documents[d].length) / average);
      scores.set(d, (scores.get(d) ?? 0) + (weight * count * (K1 + 1)) / (count + norm));
    }
  }
  const best = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 10).map(([d]) => d);
  return { best, read };
}

const rules = {
  'tf*idf': (token, count) => count * idf(token),
  'idf only': (token) => idf(token) + 1e-9 * -token,
  'tf*idf, df>1': (token, count) => (postings.get(token).length > 1 ? count * idf(token) : -1),
  'tf only': (token, count) => count + 1e-9 * -token,
};
const queries = Array.from({ length: QUERIES }, () => Math.floor(random() * DOCUMENTS));
const gold = queries.map((q) => search([...documents[q].counts.keys()], q));
const same = (q, d) => q % TOPICS === d % TOPICS;
const meanOf = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const goldRead = meanOf(gold.map((g) => g.read));
console.log('distinct terms a query', meanOf(queries.map((q) => documents[q].counts.size)).toFixed(1));
console.log('all terms: postings', goldRead.toFixed(0), 'same topic', meanOf(gold.map((g, i) => g.best.filter((d) => same(queries[i], d)).length / 10)).toFixed(3));

for (const [name, rule] of Object.entries(rules)) {
  console.log(`\n${name}: terms, overlap@10 with the full query, same main topic@10, postings read, share`);
  for (const size of [4, 8, 12, 16, 24, 32, 48]) {
    const overlaps = [];
    const topical = [];
    const reads = [];
    queries.forEach((q, i) => {
      const ranked = [...documents[q].counts].map(([token, count]) => [token, rule(token, count)]).filter(([, w]) => w > 0);
      ranked.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      const { best, read } = search(ranked.slice(0, size).map(([token]) => token), q);
      overlaps.push(best.filter((d) => gold[i].best.includes(d)).length / 10);
      topical.push(best.filter((d) => same(q, d)).length / 10);
      reads.push(read);
    });
    const read = meanOf(reads);
    console.log(size, meanOf(overlaps).toFixed(2), meanOf(topical).toFixed(2), read.toFixed(0), `${((100 * read) / goldRead).toFixed(1)}%`);
  }
}

console.log('\nconjunction: queries of n best terms with AND: mean documents that hold all of them (the query itself not counted)');
for (const size of [1, 2, 3, 4, 6]) {
  const found = queries.map((q) => {
    const ranked = [...documents[q].counts].filter(([t]) => postings.get(t).length > 1).map(([t, c]) => [t, c * idf(t)]).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    let set = null;
    for (const [token] of ranked.slice(0, size)) {
      const here = new Set(postings.get(token).map(([d]) => d));
      set = set === null ? here : new Set([...set].filter((d) => here.has(d)));
    }
    return set.size - 1;
  });
  console.log(size, meanOf(found).toFixed(2), `none: ${((100 * found.filter((n) => n === 0).length) / QUERIES).toFixed(1)}%`);
}
