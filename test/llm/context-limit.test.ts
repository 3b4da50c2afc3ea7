import { describe, expect, it } from 'vitest'
import { toldContext } from '../../src/llm/context-limit.js'
import { speaksOf } from '../../src/llm/refusals/wordings.js'
import { startModelServer } from '../support/model-server.js'
import { clientOf } from './client.js'

const OPENROUTER =
  "This endpoint's maximum context length is 16384 tokens. However, you requested about 26265 tokens (26255 of text input, 10 in the output). Please reduce the length of either one, or use the context-compression plugin."

/** As servers of the protocol word it. */
const REFUSALS: [string, string, ReturnType<typeof toldContext>][] = [
  ['OpenRouter', OPENROUTER, { limit: 16384, requested: 26265, prompt: 26255 }],
  [
    'OpenRouter, without the parts',
    "This endpoint's maximum context length is 16384 tokens. However, you requested about 26265 tokens.",
    { limit: 16384, requested: 26265, prompt: null },
  ],
  [
    'vLLM',
    "This model's maximum context length is 6048 tokens. However, you requested 6616 tokens (568 in the messages, 6048 in the completion). Please reduce the length of the messages or completion.",
    { limit: 6048, requested: 6616, prompt: 568 },
  ],
  [
    'newer vLLM',
    "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens, resulting in a maximum input length of 1014 tokens.",
    { limit: 1024, requested: 1025, prompt: 1015 },
  ],
  [
    'OpenAI',
    "This model's maximum context length is 128,000 tokens. However, your messages resulted in 130,045 tokens. Please reduce the length of the messages.",
    { limit: 128_000, requested: 130_045, prompt: 130_045 },
  ],
  [
    'llama.cpp',
    '{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}',
    { limit: 8192, requested: 14429, prompt: 14429 },
  ],
  [
    'newer llama.cpp',
    'request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it',
    { limit: 8192, requested: 14429, prompt: 14429 },
  ],
  [
    'llama-cpp-python',
    'Requested tokens (2285) exceed context window of 2048',
    { limit: 2048, requested: 2285, prompt: 2285 },
  ],
  [
    'Anthropic',
    'prompt is too long: 209353 tokens > 199999 maximum',
    { limit: 199_999, requested: 209_353, prompt: 209_353 },
  ],
  [
    'Anthropic, with the answer',
    'input length and `max_tokens` exceed context limit: 90402 + 116650 > 204648, decrease input length or `max_tokens` and try again',
    { limit: 204_648, requested: 207_052, prompt: 90_402 },
  ],
  [
    'Google',
    'The input token count (2845475) exceeds the maximum number of tokens allowed (1048576).',
    { limit: 1_048_576, requested: 2_845_475, prompt: 2_845_475 },
  ],
  [
    'TGI',
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 1000 `max_new_tokens`',
    { limit: 4096, requested: 6000, prompt: 5000 },
  ],
  [
    'Mistral',
    'Prompt contains 33000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    { limit: 32_768, requested: 33_000, prompt: 33_000 },
  ],
  [
    'SGLang',
    "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 36000 tokens: 32000 tokens from the input messages and 4000 tokens for the completion.",
    { limit: 32_768, requested: 36_000, prompt: 32_000 },
  ],
  [
    'vLLM, which stopped counting',
    "This model's maximum context length is 16384 tokens. However, you requested 4096 output tokens and your prompt contains at least 12289 input tokens, for a total of at least 16385 tokens.",
    { limit: 16_384, requested: null, prompt: null },
  ],
  [
    'vLLM, which counts letters',
    "This model's maximum context length is 16384 tokens. However, you requested 4096 output tokens and your prompt contains 62289 characters (more than 49152 characters, which is the upper bound for 12288 input tokens).",
    { limit: 16_384, requested: null, prompt: null },
  ],
  [
    'xAI',
    "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
    { limit: 131_072, requested: 150_000, prompt: 150_000 },
  ],
  [
    'Copilot',
    'prompt token count of 140000 exceeds the limit of 128000',
    { limit: 128_000, requested: 140_000, prompt: 140_000 },
  ],
  [
    'Moonshot',
    'Your request exceeded model token limit: 262144 (requested: 300000)',
    { limit: 262_144, requested: 300_000, prompt: 300_000 },
  ],
  [
    'Cohere',
    'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a shorter prompt',
    { limit: 4081, requested: 5000, prompt: 5000 },
  ],
  [
    'Poolside',
    'Input length 140000 exceeds the maximum allowed input length of 131072 tokens.',
    { limit: 131_072, requested: 140_000, prompt: 140_000 },
  ],
  [
    'TensorRT-LLM',
    'Prompt length (5056) exceeds maximum sequence length (2048)',
    { limit: 2048, requested: 5056, prompt: 5056 },
  ],
  [
    'Cerebras, whose code is lost',
    'Please reduce the length of the messages or completion. Current length is 8999 while limit is 8192',
    { limit: 8192, requested: 8999, prompt: null },
  ],
  ['one that gives no numbers', 'context_length_exceeded', null],
  ['Groq', 'Please reduce the length of the messages or completion.', null],
  ['Ollama', 'prompt too long; exceeded max context length by 312 tokens', null],
  [
    'Ollama, with a status in its body',
    '{"error":"the input length exceeds the context length","code":400}',
    null,
  ],
  ['MiniMax, whose number is that of the error', 'invalid params, context window exceeds limit (2013)', null],
  ['Zhipu', 'Prompt exceeds max length', null],
  ['Bedrock', 'Input Tokens Exceeded: Number of input tokens exceeds maximum length.', null],
]

describe('a refusal for length', () => {
  it.each(REFUSALS)('is known, with its numbers, from %s', (_, message, told) => {
    expect(speaksOf(message, 'context')).toBe(true)
    expect(toldContext(message)).toEqual(told)
    expect(toldContext(JSON.stringify({ raw: JSON.stringify({ message }) }))).toEqual(told)
  })

  it.each([
    'This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 2666.',
    'Rate limit reached: tokens per minute (TPM): Limit 6000, Requested 7000.',
    'max_tokens must be at most 8192',
    'Provider returned error',
    '',
  ])('is not what this is: %j', (message) => {
    expect(speaksOf(message, 'context')).toBe(false)
  })

  it('is thrown as context_overflow with its numbers', async () => {
    const server = await startModelServer()
    const client = clientOf(server)
    server.queue({ status: 400, body: { error: { code: 400, message: OPENROUTER } } })
    const told = { limit: 16384, requested: 26265, prompt: 26255 }
    expect(await client.fail()).toMatchObject({ errorClass: 'context_overflow', details: { context: told } })
    const llama = REFUSALS.find(([name]) => name === 'llama.cpp')![1]
    server.queue({ status: 200, body: llama })
    expect(await client.fail()).toMatchObject({
      errorClass: 'context_overflow',
      details: { context: { limit: 8192, requested: 14429 } },
    })
  })
})
