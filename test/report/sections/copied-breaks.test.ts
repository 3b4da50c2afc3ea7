import { describe, expect, it } from 'vitest'
import { copiedBreaksOf } from '../../../src/report/sections/copied-breaks.js'

const PAPER = `[p. 1]

## Abstract

Received in 2018, this work proposes a

[p. 2]

> Page header 7

## 2 Method

new way to halt after 12 steps. It is sound. [p. 3] What we measured is 4.5 ms.`

const without = copiedBreaksOf(PAPER)

describe('breaks of pages', () => {
  it.each([
    ['this work proposes a [p. 2] new way to halt after 12 steps.'],
    ['this work proposes a\n\n[p. 2]\n\nnew way to halt after 12 steps.'],
    ['this work proposes a [p. 2] Page header 7 new way'],
    ['It is sound. [p. 3] What we measured is 4.5 ms.'],
    ['It is sound. [p. 3] What we'],
  ])('that were copied with the text are taken out: %s', (copied) => {
    expect(without(copied)).not.toContain('[p.')
    expect(without(copied).replace(/\s+/g, ' ')).toBe(copied.replace(/\s*\[p\. \d\]\s*/, ' '))
  })

  it.each([
    ['It halts.\n\n[p. 2]\n\n## Page header 7\n\nMore', 'It halts.\n\n## Page header 7\n\nMore'],
    ['- It halts.\n[p. 2]\n- new way to halt', '- It halts.\n- new way to halt'],
    ['It halts.\n\n[p. 3]\n\n| What we measured is |', 'It halts.\n\n| What we measured is |'],
  ])('leave what begins behind them on a line of its own: %j', (copied, text) => {
    expect(without(copied)).toBe(text)
  })

  it.each([
    'It halts after 12 steps [p. 2]. What we measured is 4.5 ms [p. 3].',
    'It halts after 12 steps [p. 2] and takes 4.5 ms [p. 3]',
    'It takes 4.5 ms [p. 3]\nWhat we measured is more [p. 2].',
    'It takes 4.5 ms [p. 2, 3] What we measured is more.',
    'It takes 4.5 ms [p. 9] What we measured is more.',
  ])('are told from marks of statements: %s', (answer) => {
    expect(without(answer)).toBe(answer)
  })
})
