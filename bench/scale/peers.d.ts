// The little that is used of what only bench/scale/package.json installs.
declare module 'pg-boss' {
  export default class PgBoss {
    constructor(options: { connectionString: string; max: number; supervise: boolean; schedule: boolean })
    start(): Promise<unknown>
    stop(options: { graceful: boolean }): Promise<void>
    createQueue(name: string): Promise<void>
    insert(jobs: { name: string; data: object }[]): Promise<void>
    fetch(name: string): Promise<{ id: string }[]>
    complete(name: string, id: string): Promise<void>
  }
}
declare module 'graphile-worker' {
  export interface Runner {
    stop(): Promise<void>
  }
  export function run(options: {
    connectionString: string
    concurrency: number
    maxPoolSize: number
    noHandleSignals: boolean
    pollInterval: number
    logger: Logger
    taskList: Record<string, () => void | Promise<void>>
  }): Promise<Runner>
  export function runMigrations(options: { connectionString: string; logger: Logger }): Promise<void>
  export class Logger {
    constructor(factory: () => () => void)
  }
}
