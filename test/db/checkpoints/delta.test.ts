import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/core/json.js'
import { applyDelta, documentDelta } from '../../../src/db/checkpoints/delta.js'

/** Few keys, so that two objects share some; those of the store's own forms, and of every object, among them. */
const key = fc.constantFrom(
  'a',
  'b',
  'c',
  '0',
  '$blob',
  '$literal',
  '__proto__',
  'constructor',
  '+',
  '~',
  '-',
)
const { value } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, '', 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 5 })
    .map((members): JsonObject => Object.fromEntries(members)),
}))
const document = fc
  .array(fc.tuple(key, value), { maxLength: 6 })
  .map((members): JsonObject => Object.fromEntries(members))

/** Order of the members counts in what is inside a document. */
function written(one: JsonObject): string[] {
  return Object.entries(one)
    .map(([name, inside]) => `${name}: ${JSON.stringify(inside)}`)
    .sort()
}

function change(before: JsonObject, after: JsonObject): JsonObject {
  const stored = JSON.stringify(documentDelta(before, after, 'never'))
  return applyDelta(before, JSON.parse(stored) as JsonObject)
}

describe('a delta', () => {
  it('applied to the document before gives the one after, in the order of its members, whatever both are', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        expect(written(change(before, after))).toEqual(written(after))
      }),
    )
  })

  it('folds over any number of documents', () => {
    fc.assert(
      fc.property(fc.array(document, { maxLength: 8 }), (documents) => {
        let folded: JsonObject = {}
        for (const [n, one] of documents.entries()) {
          const delta = documentDelta(documents[n - 1] ?? {}, one, 'never')
          folded = applyDelta(folded, JSON.parse(JSON.stringify(delta)) as JsonObject)
          expect(written(folded)).toEqual(written(one))
        }
      }),
    )
  })

  it('is empty between equals', () => {
    fc.assert(
      fc.property(document, (one) => {
        expect(documentDelta(one, JSON.parse(JSON.stringify(one)) as JsonObject, 'never')).toEqual({})
      }),
    )
  })

  it('says no more than what changed', () => {
    const before = { state: 'one', context: { text: 'long', notes: { a: 1, b: [1, 2] }, gone: true } }
    const after = { state: 'two', context: { text: 'long', notes: { a: 1, b: [1, 2, 3] }, more: null } }
    expect(documentDelta(before, after, 'never')).toEqual({
      '+': { state: 'two' },
      '~': { context: { '+': { more: null }, '~': { notes: { '+': { b: [1, 2, 3] } } }, '-': ['gone'] } },
    })
  })

  it('leaves out the member that is kept elsewhere, and members that are undefined', () => {
    const delta = documentDelta({ at: 1, a: 1 }, { at: 2, a: 1, b: undefined }, 'at')
    expect(delta).toEqual({})
  })
})
