import Analyze from './analyze.js'
import Budget from './budget.js'
import CorpusImport from './corpus/import.js'
import MachineCheck from './machine/check.js'
import Prep from './prep.js'
import Seed from './seed.js'
import Status from './status.js'
import Wrap from './wrap.js'

/** The command table. Commands import what they run when they run, so that naming them here costs nothing. */
export const COMMANDS = {
  seed: Seed,
  prep: Prep,
  analyze: Analyze,
  wrap: Wrap,
  budget: Budget,
  status: Status,
  'corpus:import': CorpusImport,
  'machine:check': MachineCheck,
}
