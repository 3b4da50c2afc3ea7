import { existsSync } from 'node:fs'
import type { ConfigTree } from '../../core/files/config-tree.js'
import { UsageError } from '../../core/errors.js'
import { asSentence, didYouMean } from '../../core/words-alike.js'
import type { PipelineName } from '../../core/phases.js'
import { PHASE_NAMES, PHASES } from '../../core/phases.js'
import { configRoot } from '../../machines/files/config-root.js'
import { loadMachine } from '../../machines/files/load.js'
import type { LoadedMachine } from '../../machines/loaded.js'
import { ACTION_NAMES } from '../actions/names.js'

/** The machine that compares two reports; no phase runs it. */
export const JUDGE = { name: 'judge', file: 'machines/judge.yml' } as const

function filesOf(pipeline: PipelineName): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(PHASE_NAMES.map((name) => [name, PHASES[name].pipelines[pipeline].machine])),
    [JUDGE.name]: JUDGE.file,
  }
}

/**
 * Loads the machine of a phase as it is in force, the judge, or that of a file.
 *
 * @param name of a phase, `judge`, or path of a file.
 * @param pipeline whose machine of a phase is meant.
 * @throws UsageError `no_such_machine`; InvalidConfigError with every fault of the file.
 */
export function namedMachine(tree: ConfigTree, name: string, pipeline: PipelineName = 'full'): LoadedMachine {
  const files = filesOf(pipeline)
  const file = Object.hasOwn(files, name) ? files[name] : undefined
  const path = file === undefined ? (existsSync(name) ? name : null) : tree.find(file)
  if (path === null) {
    const names = Object.keys(files)
    throw new UsageError('no_such_machine', `There is no machine "${name}".`, {
      hint: [
        ...[didYouMean(name, names) ?? []].flat().map(asSentence),
        `Name a file, or ${names.join(', ')}.`,
      ].join(' '),
    })
  }
  return loadMachine(path, {
    resolveFile: (from, relative) => tree.resolve(from, relative),
    // Whoever names a file means it, and what lies beside it.
    roots: file === undefined ? [...tree.folders, configRoot(path)] : tree.folders,
    // Somebody else's actions are drawn as ours are.
    ...(file === undefined ? {} : { knownActions: ACTION_NAMES }),
    warn: () => undefined,
  })
}
