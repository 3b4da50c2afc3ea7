import { expect, it } from 'vitest'
import { isWithoutProxy } from '../../src/http/no-proxy.js'

it.each([
  ['https://models.test/v1', 'models.test'],
  ['https://models.test/v1', 'a.test, MODELS.test'],
  ['https://models.test/v1', 'a.test b.test models.test:443'],
  ['http://models.test/v1', 'models.test:80'],
  ['http://models.test:8080/v1', 'models.test:8080'],
  ['https://export.arxiv.org/pdf', 'arxiv.org'],
  ['https://export.arxiv.org/pdf', '.arxiv.org'],
  ['https://export.arxiv.org/pdf', '*.arxiv.org'],
  ['https://models.test/v1', '*'],
  ['http://10.1.2.3:8000/v1', '10.0.0.0/8'],
  ['http://10.1.2.3:8000/v1', '10.1.2.3'],
  ['http://[fd00::1]:8000/v1', 'fd00::/8'],
  ['http://[fd00::1]:8000/v1', '[fd00::1]:8000'],
  ['http://[fd00::1]:8000/v1', 'fd00::1'],
  ['http://localhost:11434/v1', ''],
  ['http://127.0.0.9:11434/v1', ''],
  ['http://[::1]:11434/v1', ''],
])('%s is asked without a proxy where NO_PROXY is %j', (url, list) => {
  expect(isWithoutProxy(new URL(url), list)).toBe(true)
})

it.each([
  ['https://models.test/v1', ''],
  ['https://models.test/v1', ' , '],
  ['https://models.test/v1', 'odels.test'],
  ['https://models.test/v1', 'models.test:80'],
  ['https://models.test.evil.example/v1', 'models.test'],
  ['http://11.1.2.3/v1', '10.0.0.0/8'],
  ['http://10.1.2.3/v1', '10.0.0.0/99'],
  ['http://10.1.2.3/v1', '10.0.0.0/'],
  ['http://10.1.2.3/v1', 'fd00::/8'],
  ['http://ten.test/v1', '10.0.0.0/8'],
])('%s is not where it is %j', (url, list) => {
  expect(isWithoutProxy(new URL(url), list)).toBe(false)
})
