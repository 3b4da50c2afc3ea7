import { existsSync } from 'node:fs'
import type { ConfigTree } from '../../core/config-tree.js'
import { UsageError } from '../../core/errors.js'
import { asSentence, didYouMean } from '../../core/words-alike.js'
import { PHASE_NAMES, PHASES } from '../../core/phases.js'
import { configRoot } from '../../machines/files/config-files.js'
import { loadMachine } from '../../machines/files/load.js'
import type { LoadedMachine } from '../../machines/loaded.js'
import { ACTION_NAMES } from '../actions/names.js'

/**
 * Loads the machine of a phase as it is in force, by the full pipeline, or that of a file.
 *
 * @param name of a phase, or path of a file.
 * @throws UsageError `no_such_machine`; InvalidConfigError with every fault of the file.
 */
export function namedMachine(tree: ConfigTree, name: string): LoadedMachine {
  const phase = PHASE_NAMES.find((one) => one === name)
  const path =
    phase === undefined ? (existsSync(name) ? name : null) : tree.find(PHASES[phase].pipelines.full.machine)
  if (path === null) {
    throw new UsageError('no_such_machine', `There is no machine "${name}".`, {
      hint: [
        ...[didYouMean(name, PHASE_NAMES) ?? []].flat().map(asSentence),
        `Name a file, or ${PHASE_NAMES.join(', ')}.`,
      ].join(' '),
    })
  }
  return loadMachine(path, {
    resolveFile: (from, relative) => tree.resolve(from, relative),
    // Whoever names a file means it, and what lies beside it.
    roots: phase === undefined ? [...tree.folders, configRoot(path)] : tree.folders,
    // Somebody else's actions are drawn as ours are.
    ...(phase === undefined ? {} : { knownActions: ACTION_NAMES }),
    warn: () => undefined,
  })
}
