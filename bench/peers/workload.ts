import { prose } from '../prose.js'

export const STATES = 7
export type Size = 2 | 80

/** What the states of one execution pass on: flat, all text. */
export type Context = Record<string, string>

/** Returns the context an execution begins with: 2 KB of metadata, for 80 KB also 78 KB of text of its own. */
export function firstContext(execution: number, size: Size): Context {
  return {
    title: `Paper ${execution}: a title of ordinary length`,
    authors: 'First Author, Second Author, Third Author',
    abstract: prose(execution, 1.4),
    ...(size === 80 ? { paper_text: wide(prose(execution, 77.4)) } : {}),
  }
}

/** Returns what one state adds. */
export function found(state: number): [field: string, text: string] {
  return [`field_${state}`, `What state ${state} of the machine has found out, in so many words.`]
}

export function nameOf(state: number): string {
  return `state_${state}`
}

/** Has a dash every 130 characters: with any character beyond Latin-1 a string takes two bytes each, as in real papers. */
function wide(text: string): string {
  return text.replace(/[^]{130}/g, '$&–')
}
