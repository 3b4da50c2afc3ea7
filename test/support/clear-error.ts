import { expect } from 'vitest'
import type { Ended } from './cli.js'

export interface ErrorShape {
  exit: number
  code: string
  /** What the message must hold. */
  message: string | RegExp
  hint?: string | RegExp
}

/** Expects what a script gets with --json: the error document alone on stdout. */
export function expectErrorDocument(end: Ended, { exit, code, message, hint }: ErrorShape): void {
  expect(end, end.stderr).toMatchObject({ code: exit, stderr: '' })
  const document = end.json<{ error: { code: string; message: string; hint: string } }>()
  expect(Object.keys(document)).toEqual(['error'])
  expect(document.error).toMatchObject({ code, message: expect.stringMatching(message) as string })
  expect(document.error.message).not.toMatch(STACK)
  if (hint !== undefined) expect(document.error.hint).toMatch(hint)
}

/** Expects what a person gets: one line on stderr that says what is wrong, and one what to do about it. */
export function expectClearError(end: Ended, { exit, message, hint }: ErrorShape): void {
  expect(end, end.stderr).toMatchObject({ code: exit, stdout: '' })
  const lines = end.stderr.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^rpa: \S/)
  expect(end.stderr).toMatch(message)
  expect(lines.at(-1)).toMatch(/^ {2}\S/)
  if (hint !== undefined) expect(lines.at(-1)).toMatch(hint)
  expect(end.stderr).not.toMatch(STACK)
}

const STACK = /^\s+at .*[:)]\d*|node:internal|\.js:\d+|Error: /m
