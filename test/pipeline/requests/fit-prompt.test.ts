import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PaperError } from '../../../src/core/errors.js'
import type { JsonObject } from '../../../src/core/json.js'
import type { ToldContext } from '../../../src/llm/context-limit.js'
import type { ModelProfile } from '../../../src/llm/provider.js'
import { estimateTokens } from '../../../src/llm/tokens.js'
import { loadMachine } from '../../../src/machines/files/load.js'
import { runMachine } from '../../../src/machines/machine.js'
import type { AgentCall } from '../../../src/machines/types.js'
import { contextFor, fitPrompt, mostAfterOverflow } from '../../../src/pipeline/requests/fit-prompt.js'
import { PROFILE } from '../../llm/client.js'
import { harness, machineFrom } from '../../machines/support.js'
import { ROOT } from '../../support/cli.js'

const words = (word: string, n: number): string => Array.from({ length: n }, () => word).join(' ')
const section = (heading: string, word: string, paragraphs: number): string =>
  `## ${heading}\n\n${Array.from({ length: paragraphs }, () => `${words(word, 100)}.`).join('\n\n')}`

const ABSTRACT = `## Abstract\n\n${words('abstract', 150)}.`
const PAPER = [
  `[p. 1]\n\n${ABSTRACT}`,
  section('1 Introduction', 'intro', 10),
  section('2 Related Work', 'related', 20),
  section('3 Method', 'method', 60),
  section('4 Results', 'result', 30),
  section('5 Conclusion', 'conclusion', 3),
  section('Acknowledgements', 'thanks', 2),
  section('A Proofs', 'proof', 80),
].join('\n\n')
const TOKENS = estimateTokens(PAPER)

/** What the machine asks of the key outcome's model, as the pipeline gets it. */
async function callOf(paper_text: unknown = PAPER, machine?: string): Promise<AgentCall> {
  const { services, calls } = harness()
  const input: JsonObject = { title: 'T', authors: 'A', abstract: 'B', paper_text }
  const loaded =
    machine === undefined
      ? loadMachine(join(ROOT, 'config', 'machines', 'ask-why-hypotheses.yml'))
      : machineFrom(MACHINE, { 'agent.yml': `${AGENT_HEAD}  user: ${JSON.stringify(machine)}\n` })
  await runMachine(loaded, { executionId: 'e1', input, services })
  return calls[0]!
}

const AGENT_HEAD = 'spec: flatagent\nspec_version: "4.2.1"\ndata:\n  system: be brief\n'
const MACHINE = `  name: one
  context: { paper_text: input.paper_text }
  agents: { one: ./agent.yml }
  states:
    start: { type: initial, transitions: [{ to: ask }] }
    ask: { agent: one, input: { paper_text: context.paper_text }, transitions: [{ to: done }] }
    done: { type: final }
`

const profile = (contextLength: number, maxTokens = 4_000): ModelProfile => ({
  ...PROFILE,
  contextLength,
  maxTokens,
})
const sizeOf = ({ system, user }: { system: string; user: string }): number =>
  estimateTokens(system) + estimateTokens(user)

describe('fitPrompt', () => {
  it('leaves a prompt alone for which there is room', async () => {
    const call = await callOf()
    const { system, user, input } = call
    expect(fitPrompt(call, profile(131_072))).toEqual({ system, user, input, cut: [] })
  })

  it('cuts the paper to what context_length leaves beside the answer, and says what is missing', async () => {
    const call = await callOf()
    const { system, user, input, cut } = fitPrompt(call, profile(20_000))
    expect(cut).toEqual(['Acknowledgements', 'A Proofs'])
    expect(sizeOf({ system, user })).toBeLessThanOrEqual(17_000)
    expect(sizeOf({ system, user })).toBeGreaterThan(15_000)
    expect(system).toBe(call.system)
    expect(user).toContain(String(input['paper_text']))
    expect(user).toBe(call.user.replace(PAPER, String(input['paper_text'])))
    expect(call.input['paper_text']).toBe(PAPER)
    expect(user).toContain('method')
    expect(fitPrompt(call, profile(20_000))).toEqual({ system, user, input, cut })
  })

  it.each([7_000, 8_000, 12_000, 30_000, 100_000])('keeps to a context_length of %i', async (length) => {
    const prompt = fitPrompt(await callOf(), profile(length))
    expect(sizeOf(prompt)).toBeLessThanOrEqual(length - 4_000)
    expect(prompt.user).toContain(ABSTRACT)
    expect(prompt.user).toContain(section('5 Conclusion', 'conclusion', 3))
  })

  it('gives up where not even the abstract fits, and says which model and which number', async () => {
    const call = await callOf()
    const small = (): unknown => fitPrompt(call, profile(5_000))
    expect(small).toThrow(PaperError)
    expect(small).toThrow(
      expect.objectContaining({
        code: 'context_too_small',
        message: expect.stringMatching(/context_length 5000.*vendor\/model:free/) as unknown,
        hint: expect.stringContaining('"cheap"') as unknown,
      }),
    )
  })

  it('makes a prompt that was refused as short as is told, however long the profile says it may be', async () => {
    const call = await callOf()
    const before = sizeOf(call)
    const again = fitPrompt(call, profile(1_000_000), before * 0.6)
    expect(sizeOf(again)).toBeLessThanOrEqual(before * 0.6)
    expect(sizeOf(again)).toBeGreaterThan(before * 0.5)
    expect(again.cut).not.toEqual([])
    const cut = sizeOf(fitPrompt(call, profile(17_000)))
    expect(sizeOf(fitPrompt(call, profile(17_000), cut * 0.6))).toBeLessThanOrEqual(cut * 0.6)
    expect(sizeOf(fitPrompt(call, profile(17_000), before))).toBe(cut)
  })

  it('fits a template that has the text twice, and one that shortens it itself', async () => {
    const twice = await callOf(PAPER, '{{ input.paper_text }} and {{ input.paper_text }}')
    expect(sizeOf(fitPrompt(twice, profile(20_000)))).toBeLessThanOrEqual(17_000)
    const start = await callOf(PAPER, '{{ input.paper_text[:2000] }}')
    expect(fitPrompt(start, profile(8_000))).toMatchObject({ user: start.user, cut: [] })
  })

  it('leaves a prompt without a paper alone, and one for the offline writer', async () => {
    const none = await callOf(null)
    expect(fitPrompt(none, profile(4_100))).toMatchObject({ user: none.user, cut: [] })
    const call = await callOf()
    expect(fitPrompt(call, { ...profile(5_000), provider: 'offline' })).toMatchObject({
      user: call.user,
      cut: [],
    })
  })
})

describe('mostAfterOverflow', () => {
  const most = (context: ToldContext | null, maxTokens = 4000, sent = 100_000): number =>
    mostAfterOverflow({ context }, profile(131_072, maxTokens), sent)

  it('is six tenths of what was sent where nothing was told', () => {
    expect(most(null)).toBe(60_000)
  })

  it('makes prompt and answer fit together into what was told, counted as we count', () => {
    const context = { limit: 32_768, requested: 44_000, prompt: 32_000 }
    const share = ((32_768 - 12_000) / 32_000) * 0.95
    expect(most(context, 12_000)).toBeCloseTo(share * 100_000, -1)
    expect(most({ ...context, prompt: null }, 12_000)).toBeCloseTo(share * 100_000, -1)
    expect(most({ limit: 32_768, requested: 32_000, prompt: 32_000 }, 12_000)).toBeCloseTo(
      share * 100_000,
      -1,
    )
  })

  it('keeps to the limit alone where nobody says how long the prompt was', () => {
    const context = { limit: 16_384, requested: null, prompt: null }
    expect(most(context)).toBeGreaterThan(11_000)
    expect(most(context)).toBeLessThanOrEqual(16_384 - 4000)
    expect(most({ ...context, limit: 1_000_000 })).toBe(60_000)
  })

  it('is never above eight tenths nor below one', () => {
    expect(most({ limit: 30_000, requested: 30_010, prompt: 30_000 }, 0)).toBe(80_000)
    expect(most({ limit: 1_000, requested: 90_000, prompt: 80_000 }, 0)).toBe(10_000)
  })

  it('contextFor is the context_length that leaves just that', async () => {
    const call = await callOf()
    const least = profile(contextFor(TOKENS / 2, profile(131_072)))
    expect(sizeOf(fitPrompt(call, least))).toBeLessThanOrEqual(TOKENS / 2)
    expect(sizeOf(fitPrompt(call, least))).toBeGreaterThan(TOKENS / 2 - 1500)
  })
})

it('the paper of these tests is a long one', () => expect(TOKENS).toBeGreaterThan(20_000))
