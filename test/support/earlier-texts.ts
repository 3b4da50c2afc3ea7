/** Text of a paper as the earlier tool read it from a PDF: its own page marks, references and all. */
export const EARLIER_PAPER = `[PAGE 1]
Block Routing for Long Inputs
Abstract
Long inputs are dear because attention is quadratic in their length. Our router keeps 97.1% of the
accuracy of dense attention at 64k tokens. The naïve baseline loses 12.4 points on the same data.

[PAGE 2]
2 Method
Keys are split into blocks of 128 tokens and each query is routed to sixteen of them. We observe that most of the
attention mass lies in few blocks. The router is trained with a contrastive loss over block summaries.

[PAGE 3]
4 Results
The router is 3.2 times faster than the dense baseline on one accelerator. It is left open whether routing survives
fine-tuning on short inputs. We report no variance over random seeds in any of the tables.

References
[1] Someone. A paper. 2019.`

/** What its writers gave: asked for plain text, */
export const EARLIER_KEY_OUTCOME = `The paper addresses the quadratic cost of attention over long inputs. Its router sends each query to sixteen blocks of keys, e.g. those with the best summaries. It keeps 97.1% of the accuracy of dense attention at 64k tokens. It is 3.2 times faster than the dense baseline.`

/** for these three headings, */
export const EARLIER_WHY = `## Why This Works (Mechanism)
### Mechanism 1
- Claim: Few blocks hold most of the attention mass.
- Mechanism: The router finds them by their summaries.
- Evidence anchors:
  - [abstract] "keeps 97.1% of the accuracy"

## Foundational Learning
- Concept: Block-sparse attention
  - Why needed here: the router chooses among blocks
  - Quick check question: What does a block summary hold?

## Architecture Onboarding
- Component map: keys -> blocks -> router -> attention
- Critical path: summaries must separate blocks`

/** for four headings that the report does not have, */
export const EARLIER_REPRODUCTION = `### What is directly specified
- Task/problem: attention over 64k tokens
- Method/training procedure: a contrastive loss over block summaries

### Minimum viable reproduction plan
- Step 1: Split the keys into blocks of 128 tokens.
- Step 2: Train the router on block summaries.

### Unknowns that block faithful reproduction
- Unknown 1: The learning rate is not given.

### Common failure modes and diagnostics
- Failure mode 1: All queries go to one block; watch the entropy of the routing.`

/** for numbered questions, */
export const EARLIER_QUESTIONS = `### Open Question 1
- Question: Does routing survive fine-tuning on short inputs?
- Basis in paper: [explicit] "It is left open whether routing survives fine-tuning"
- Why unresolved: Only long inputs were tried.
- What evidence would resolve it: A run on short inputs.`

/** and for a text without naming a heading. */
export const EARLIER_LIMITS = `## Limits, Confidence, and Next Checks

### Major uncertainties and limitations
- No variance over random seeds is reported.
- Only one model family was tried.

**Confidence labels**
- Speed: High, measured against the dense baseline.
- Accuracy: Medium, one benchmark only.

**Next validation checks**
1. Repeat the main table with five seeds.
2. Route to 8 blocks and compare with 97.1%.
3. Fine-tune on short inputs to test the limitations.`

/** The same where models wrote in plain words and forgot headings. */
export const EARLIER_PLAIN_WHY =
  'The mechanism is locality: most of the attention mass lies in few blocks, so that little is lost when the others are left out.'
export const EARLIER_PLAIN_REPRODUCTION =
  'Split the keys into blocks of 128 tokens, then train the router with a contrastive loss over block summaries.'

/** A report that its quality gate refused: made by a model of the texts above. */
export const EARLIER_REPORT = `# Block Routing for Long Inputs

## Quick Facts
- arXiv ID: 2301.00001

## Executive Summary
Assembled: the router makes attention over long inputs cheap and keeps 97.1% of the accuracy.

## Method Summary
Assembled: keys are split into blocks and a router is trained over their summaries.

## Key Results
- Assembled: 97.1% of dense accuracy at 64k tokens
- Assembled: 3.2 times faster than dense attention

## Why This Works (Mechanism)
Assembled: most of the attention mass lies in few blocks.

## Foundational Learning
- Assembled: block-sparse attention, since the router chooses among blocks.

## Architecture Onboarding
TODO

## Open Questions the Paper Calls Out
- Assembled: does routing survive fine-tuning on short inputs?`
