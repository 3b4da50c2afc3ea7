import { resolve } from 'node:path'
import { InvalidConfigError } from './faults.js'
import { MachineLoader } from './load-machine.js'
import type { LoadedMachine } from '../loaded.js'
import { ConfigFiles } from './config-files.js'
import type { LoadOptions } from './config-files.js'

/**
 * Loads a machine with its children, agents, prompts and profiles, and checks all of it. Warnings go to
 * `options.warn`, one line each.
 * @throws InvalidConfigError with every fault of every file at once.
 */
export function loadMachine(path: string, options: LoadOptions = {}): LoadedMachine {
  const sources = new ConfigFiles(options)
  const machine = new MachineLoader(sources).loadFile(resolve(path), null)
  sources.flushWarnings()
  if (sources.faults.length > 0 || machine === null) throw new InvalidConfigError(sources.faults)
  return machine
}
