import type { Command } from '@oclif/core'
import type { PhaseName } from '../core/phases.js'
import Analyze from './analyze.js'
import Budget from './budget.js'
import Completion from './completion.js'
import ConfigCheck from './config/check.js'
import ConfigMigrate from './config/migrate.js'
import ConfigShow from './config/show.js'
import CorpusEnrich from './corpus/enrich.js'
import CorpusFetch from './corpus/fetch.js'
import CorpusImport from './corpus/import.js'
import CorpusRelated from './corpus/related.js'
import CorpusUpdate from './corpus/update.js'
import DbCheck from './db/check.js'
import DbCopy from './db/copy.js'
import Digest from './digest.js'
import Doctor from './doctor.js'
import Extract from './extract.js'
import Fetch from './fetch.js'
import Init from './init.js'
import Log from './log.js'
import MachineCheck from './machine/check.js'
import MachineGraph from './machine/graph.js'
import MachineRun from './machine/run.js'
import Metrics from './metrics.js'
import Models from './models.js'
import Prep from './prep.js'
import QueueDrop from './queue/drop.js'
import QueueHold from './queue/hold.js'
import QueueList from './queue/list.js'
import QueueMove from './queue/move.js'
import QueueRelease from './queue/release.js'
import Reap from './reap.js'
import Resume from './resume.js'
import Quality from './quality.js'
import ReportExport from './report/export.js'
import ReportList from './report/list.js'
import ReportSearch from './report/search.js'
import ReportShow from './report/show.js'
import Retag from './retag.js'
import Retry from './retry.js'
import Prune from './prune.js'
import Run from './run.js'
import Seed from './seed.js'
import Status from './status.js'
import Vacuum from './vacuum.js'
import Terms from './terms.js'
import Wrap from './wrap.js'

/** The command table. Commands import what they run when they run, so that naming them here costs nothing. */
export const COMMANDS = {
  init: Init,
  seed: Seed,
  fetch: Fetch,
  prep: Prep,
  analyze: Analyze,
  wrap: Wrap,
  run: Run,
  resume: Resume,
  reap: Reap,
  retry: Retry,
  budget: Budget,
  status: Status,
  log: Log,
  digest: Digest,
  doctor: Doctor,
  prune: Prune,
  vacuum: Vacuum,
  'queue:list': QueueList,
  'queue:move': QueueMove,
  'queue:hold': QueueHold,
  'queue:release': QueueRelease,
  'queue:drop': QueueDrop,
  quality: Quality,
  retag: Retag,
  'report:list': ReportList,
  'report:show': ReportShow,
  'report:search': ReportSearch,
  'report:export': ReportExport,
  'corpus:import': CorpusImport,
  'corpus:enrich': CorpusEnrich,
  'corpus:fetch': CorpusFetch,
  'corpus:related': CorpusRelated,
  'corpus:update': CorpusUpdate,
  'db:copy': DbCopy,
  'db:check': DbCheck,
  extract: Extract,
  terms: Terms,
  'machine:check': MachineCheck,
  'machine:graph': MachineGraph,
  'machine:run': MachineRun,
  metrics: Metrics,
  models: Models,
  'config:show': ConfigShow,
  'config:check': ConfigCheck,
  'config:migrate': ConfigMigrate,
  completion: Completion,
} satisfies Record<PhaseName, Command.Class> & Record<string, Command.Class>
