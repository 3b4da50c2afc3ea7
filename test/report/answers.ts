/** Five answers as a model gives them, about one made-up paper. */
export const ANSWERS = {
  key_outcome: `## Core Contribution
A sparse attention that reads 64k tokens in linear time and loses 0.4 points on RULER.

## Executive Summary
Long inputs are dear because attention is quadratic [p. 1]. The paper routes each query to 16 blocks [p. 2] and keeps 97.1% of the accuracy [p. 5].

## Key Results
- 97.1% of dense accuracy at 64k tokens [p. 5]
- 3.2x faster than the dense baseline on one A100 [p. 6]`,
  why_hypotheses: `## Why This Works (Mechanism)
- **Locality:** "most of the attention mass lies in few blocks" [p. 3].

## Foundational Learning
- **Block-sparse attention:** what the router chooses from [p. 2].`,
  reproduction_notes: `## Method Summary
1. Split the keys into blocks of 128 tokens [p. 2].
2. Route each query to 16 blocks.

## Architecture Onboarding
- **Components:** router, block store, dense fallback.`,
  open_questions: `## Open Questions the Paper Calls Out
- "whether routing survives fine-tuning on short inputs" is left open [p. 8].`,
  limits_confidence: `## Limitations
- Only one model family was tried [p. 8].

## Confidence
- Linear time: **High**, shown by the curve on [p. 6].

## Next Checks
- Run the router with 8 blocks and compare with 97.1%.`,
}

/** The text of that paper, with its page marks. */
export const PAPER_TEXT = `[p. 1]
## Abstract

Long inputs are dear because attention is quadratic. Our router keeps 97.1 % of the accuracy.

[p. 2]
## 2 Method

Keys are split into blocks of 128 tokens; each query is routed to 16 blocks. We observe that most of the atten- [p. 3] tion mass lies in few blocks.

[p. 5]
## 4 Results

At 64k tokens we keep 97.1% and lose 0.4 points on RULER.

[p. 6]
It is 3.2× faster than the dense baseline.

[p. 8]
## 6 Discussion

It is open whether routing survives ﬁne-tuning on short inputs.
`
