import { join } from 'node:path'
import { better, defineQueue } from 'plainjob'
import { claim } from '../../src/db/executions/claims.js'
import { finishExecution } from '../../src/db/leases/finish.js'
import type { Leg } from '../pair.js'
import { openPlain, openStore, settle } from './files.js'

/** One queue that is taken from: a job is claimed, its 1.4 KB are read, it is completed. */
export interface Contender {
  leg: Leg
  /** Adds jobs until that many wait. */
  fill(waiting: number): void
  close(): Promise<void> | void
}

const JOBS = 300
const NUMBERS = 'with recursive n(i) as (select ? union all select i + 1 from n where i < ?)'
const ABSTRACT = `substr(hex(zeroblob(700)), 1, 1400)`

/** Ours: status, lease and fencing token in one transaction, fence, outcome and release in another. */
export async function rpaQueue(folder: string): Promise<Contender> {
  const { handle, db } = await openStore(join(folder, 'rpa.sqlite'))
  const now = Date.now()
  const time = new Date(now).toISOString()
  const add = handle.prepare(
    `${NUMBERS} insert into executions
       (execution_id, arxiv_id, paper_id, title, authors, abstract, status, priority, created_at, updated_at)
     select printf('0190a5d2-7c3e-7000-8000-%012d', i), printf('2401.%06d', i), i, 'Title', 'Authors',
       ${ABSTRACT}, 'pending', i % 10, '${time}', '${time}' from n`,
  )
  const request = { phase: 'prep', from: 'pending', busy: 'prepping', ownerId: 'bench', ttl: 300 } as const
  const work = async (): Promise<number> => {
    for (let n = 0; n < JOBS; n += 1) {
      const taken = await claim(db, { ...request, now })
      if (taken === null) throw new Error('Nothing to claim')
      await db
        .transaction()
        .execute((trx) => finishExecution(trx, taken.lease, { status: 'prepped', attempts: 'reset' }, now))
    }
    return JOBS
  }
  const reset = (): void => {
    handle.exec("update executions set status = 'pending' where status = 'prepped'")
    handle.exec('delete from execution_leases')
    settle(handle)
  }
  let last = 0
  return {
    leg: { name: 'rpa', prepare: reset, run: work },
    fill: (waiting) => {
      reset()
      add.run(last + 1, waiting)
      last = waiting
    },
    close: () => db.destroy(),
  }
}

/** plainjob without its worker's loop, which would also look for jobs by the clock each time. */
export async function plainjobQueue(folder: string): Promise<Contender> {
  const handle = await openPlain(join(folder, 'plainjob.sqlite'))
  const silent = (): void => undefined
  const logger = { error: silent, warn: silent, info: silent, debug: silent }
  const queue = defineQueue({ connection: better(handle), logger })
  const add = handle.prepare(
    `${NUMBERS} insert into plainjob_jobs (type, data, created_at, next_run_at)
     select 'prep', json_object('abstract', ${ABSTRACT}), 1000 + i, 1000 + i from n`,
  )
  const work = (): number => {
    for (let n = 0; n < JOBS; n += 1) {
      const job = queue.getAndMarkJobAsProcessing('prep')
      if (job === undefined || queue.getJobById(job.id) === undefined) throw new Error('Nothing to claim')
      queue.markJobAsDone(job.id)
    }
    return JOBS
  }
  const reset = (): void => {
    handle.exec('update plainjob_jobs set status = 0 where status = 2')
    settle(handle)
  }
  let last = 0
  return {
    leg: { name: 'plainjob', prepare: reset, run: work },
    fill: (waiting) => {
      reset()
      add.run(last + 1, waiting)
      last = waiting
    },
    close: () => queue.close(),
  }
}

/** The limit: a narrow queue with its lease in the row, a partial index, three cached statements. */
export async function rawQueue(folder: string): Promise<Contender> {
  const handle = await openPlain(join(folder, 'raw.sqlite'))
  handle.exec(
    `create table queue (id integer primary key, status integer not null default 0, priority integer not null,
       created_at integer not null, owner text, token integer not null default 0, lease_until integer);
     create index ready on queue (priority desc, created_at) where status = 0;
     create table jobs (id integer primary key, data text not null)`,
  )
  const take = handle.prepare(
    `update queue set status = 1, owner = ?, token = token + 1, lease_until = ?
     where id = (select id from queue where status = 0 order by priority desc, created_at limit 1)
     returning id, token`,
  )
  const read = handle.prepare('select data from jobs where id = ?')
  const finish = handle.prepare(
    'update queue set status = 2, lease_until = 0 where id = ? and owner = ? and token = ?',
  )
  const work = (): number => {
    for (let n = 0; n < JOBS; n += 1) {
      const job = take.get('bench', 300) as { id: number; token: number } | undefined
      if (job === undefined || read.get(job.id) === undefined) throw new Error('Nothing to claim')
      finish.run(job.id, 'bench', job.token)
    }
    return JOBS
  }
  const reset = (): void => {
    handle.exec('update queue set status = 0 where status = 2')
    settle(handle)
  }
  let last = 0
  return {
    leg: { name: 'raw', prepare: reset, run: work },
    fill: (waiting) => {
      reset()
      const range = [last + 1, waiting]
      handle
        .prepare(`${NUMBERS} insert into queue (id, priority, created_at) select i, i % 10, i from n`)
        .run(range)
      handle.prepare(`${NUMBERS} insert into jobs select i, ${ABSTRACT} from n`).run(range)
      last = waiting
    },
    close: () => void handle.close(),
  }
}
