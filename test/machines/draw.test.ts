import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { drawMachine } from '../../src/machines/files/draw.js'
import { loadMachine } from '../../src/machines/files/load.js'
import { temporaryFolder } from '../support/temp.js'

it('draws work, conditions and the ways of errors, and takes no name for Mermaid', () => {
  const file = join(temporaryFolder(), 'machine.yml')
  writeFileSync(
    file,
    `spec: flatmachine
spec_version: '4.2.1'
data:
  name: drawn
  context: { n: 0 }
  agents: { judge: { spec: flatagent, spec_version: '4.2.1', data: { name: judge, profile: cheap, user: hello } } }
  profiles: profiles.yml
  states:
    'a "start"':
      type: initial
      transitions:
        - { condition: context.n < 3, to: ask }
        - { to: end }
    ask:
      agent: judge
      transitions: [{ to: end }]
      on_error: { default: end, timeout: 'a "start"' }
    end:
      type: final
`,
  )
  writeFileSync(
    join(file, '..', 'profiles.yml'),
    "spec: flatprofile\nspec_version: '4.2.1'\ndata: { model_profiles: { cheap: { name: m } }, default: cheap }\n",
  )
  expect(drawMachine(loadMachine(file)).split('\n')).toEqual([
    'flowchart TD',
    '  s1(["a #34;start#34;"])',
    '  s2["ask<br/>agent judge"]',
    '  s3(["end"])',
    '  s1 -->|"context.n #60; 3"| s2',
    '  s1 --> s3',
    '  s2 --> s3',
    '  s2 -. "error" .-> s3',
    '  s2 -. "error: timeout" .-> s1',
    '',
  ])
})
