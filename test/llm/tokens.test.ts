import { describe, expect, it } from 'vitest'
import { estimateTokens } from '../../src/llm/tokens.js'

/** What the cl100k, o200k and Llama 3 vocabularies make of it, the largest of the three. */
const COUNTED: [string, string, number][] = [
  [
    'English prose',
    'We route each query to the sixteen blocks of keys whose summaries match it best, and we find that most of the attention mass lies in these blocks. The router is trained with a contrastive loss, so that no labels are needed; it costs less than two percent of the time of dense attention.',
    60,
  ],
  [
    'names and acronyms',
    'Following Kaplanyan et al. (2021), RouterBERT-XL outperforms BigBird, Longformer and ETC on SCROLLS, GovReport and QMSum (ROUGE-L), cf. Appendix B.2 and arXiv:2104.08836v3.',
    62,
  ],
  [
    'a table',
    '> | RULER-64k | 97.1 | 0.873 | 12.45 | 1,024 | 3e-4 |\n> | LongBench | 91.0 | 0.912 | 11.02 | 4,096 | 1e-5 |\n> Table 3: Accuracy (%), F1, latency (ms), batch size, learning rate.',
    87,
  ],
  [
    'formulas',
    'Let f : ℝⁿ → ℝ be convex, ∇f(x*) = 0. Then ‖xₖ₊₁ − x*‖² ≤ (1 − ηµ)‖xₖ − x*‖² + η²σ², ∀k ≥ 0, where η ∈ (0, 1/L] and σ² = E[‖gₖ − ∇f(xₖ)‖²]; ∑ᵢ αᵢ ≤ ∫₀^∞ φ(t) dt.',
    124,
  ],
  ['letters of formulas', 'Given 𝑥 ∈ 𝒳 and 𝜃 ← 𝜃 − 𝜂∇𝐿(𝜃), the risk 𝔼[ℓ(𝑥, 𝜃)] falls.', 56],
  [
    'German',
    'Wir zeigen, dass die vorgeschlagene Überlagerungsgruppe eine nichteuklidische Geometrie erzeugt; die Lösungen der Übungsaufgaben stehen im Anhang, Bildquellen und Abkürzungsverzeichnis ebenfalls.',
    57,
  ],
  ['Chinese', '我们提出了一种新的稀疏注意力机制，它在长序列上显著降低了计算成本，同时保持了准确率。', 49],
]

describe('estimateTokens', () => {
  it.each(COUNTED)(
    'is at or above the count of real vocabularies, by not too much: %s',
    (_, text, tokens) => {
      expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens)
      expect(estimateTokens(text)).toBeLessThanOrEqual(tokens * 1.4)
    },
  )

  it('is nothing for nothing, and grows with the text', () => {
    expect(estimateTokens('')).toBe(0)
    expect(estimateTokens('one two')).toBeLessThan(estimateTokens('one two three'))
    const paragraph = 'We train for 3 epochs.\n\n'
    expect(estimateTokens(paragraph.repeat(100))).toBeGreaterThan(90 * estimateTokens(paragraph) * 0.9)
  })
})
