import { relative } from 'node:path'
import type { NewWorkspace } from '../../pipeline/init/init.js'

const FIRST_STEPS = {
  papers: [
    '  cp .env.example .env && chmod 600 .env    # and put your key into it; or work without: --profile offline',
    '  rpa seed 1706.03762                       # or any arXiv id',
    '  rpa run                                   # from PDF to report',
  ],
  samples: [
    '  rpa seed papers.txt                       # choose the papers of this list',
    '  rpa run                                   # from PDF to report',
    '  rpa report list',
  ],
}

/** Returns what was made, and the first steps from there. */
export function renderInit({ folder, created, kept }: NewWorkspace, cwd: string, samples: boolean): string {
  const way = relative(cwd, folder)
  return [
    ...(created.length === 0 ? [] : [`made ${created.join(', ')} in ${folder}`]),
    ...(kept.length === 0 ? [] : [`left as it was: ${kept.join(', ')}`]),
    ...(kept.includes('rpa.yml')
      ? ['It is a workspace already: `rpa doctor` says whether it can work, `rpa status` how far it is.']
      : ['Next:', ...(way === '' ? [] : [`  cd ${way}`]), ...FIRST_STEPS[samples ? 'samples' : 'papers']]),
  ].join('\n')
}
