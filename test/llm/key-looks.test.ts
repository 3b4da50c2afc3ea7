import { expect, it } from 'vitest'
import { keyLooks } from '../../src/llm/key-looks.js'

const OURS = 'openrouter.ai'

it.each([
  ['Bearer sk-or-v1-4f1c9e0a7d5b4c2f', OURS, 'begins with "Bearer"'],
  ['"sk-or-v1-4f1c9e0a7d5b4c2f"', OURS, 'has quotes around it'],
  ['sk-or-v1-4f1c9e0a7d5b4c2f’', OURS, 'has quotes around it'],
  ['$OPENROUTER_KEY', OURS, 'names a variable'],
  ['sk-or-v1-…', OURS, 'stands in examples'],
  ['sk-or-v1-...', 'llm.example.org', 'stands in examples'],
  ['<key>', null, 'stands in examples'],
  ['your-key-here', OURS, 'stands in examples'],
  ['sk-or-v1-your_key', OURS, 'stands in examples'],
  ['sk-or-v1-xxxxxxxxxxxx', OURS, 'stands in examples'],
  ['sk-or-v1-', OURS, 'stands in examples'],
  ['changeme', 'api.openai.com', 'stands in examples'],
  ['sk-or-v1-4f1c 9e0a', OURS, 'characters that no API key has'],
  ['sk-or-v1-4f1c\n9e0a', OURS, 'characters that no API key has'],
  ['sk-ant-api03-4f1c9e0a7d5b4c2f', OURS, 'a key of Anthropic, and would be sent to OpenRouter'],
  ['gsk_4f1c9e0a7d5b4c2f', OURS, 'a key of Groq, and would be sent to OpenRouter'],
  ['sk-or-v1-4f1c9e0a7d5b4c2f', 'api.openai.com', 'a key of OpenRouter, and would be sent to OpenAI'],
])('%j for %s: %s', (key, host, words) => {
  const found = keyLooks(key, host)
  expect(found?.message).toContain(words)
  expect(found?.hint).not.toBe('')
  expect(JSON.stringify(found)).not.toContain('4f1c')
})

it.each([
  ['sk-or-v1-4f1c9e0a7d5b4c2f8e3a', OURS],
  ['sk-or-v1-9yourmyhereexamplexxx000a', OURS],
  ['plainSecretWithoutPrefix', OURS],
  // Who keeps a server of his own names his keys himself.
  ['my-key', '127.0.0.1'],
  ['EMPTY', 'vllm'],
  ['sk-my-team', 'llm.example.org'],
  ['sk-ant-api03-4f1c9e0a7d5b4c2f', 'proxy.example.org'],
])('%j for %s may be one', (key, host) => {
  expect(keyLooks(key, host)).toBeNull()
})
