// The part of each peer that is used here, so that types can be checked where they are not installed.

declare module 'plainjob' {
  import type { Database } from 'better-sqlite3'

  type Log = (message: string) => void
  export interface Queue {
    getAndMarkJobAsProcessing(type: string): { id: number } | undefined
    getJobById(id: number): { data: string } | undefined
    markJobAsDone(id: number): void
    /** Stops the maintenance and closes the connection. */
    close(): void
  }
  export function better(handle: Database): unknown
  export function defineQueue(options: {
    connection: unknown
    logger: { error: Log; warn: Log; info: Log; debug: Log }
  }): Queue
}

declare module '@langchain/langgraph' {
  export const START: string
  export const END: string
  export const Annotation: {
    (): unknown
    Root(fields: Record<string, unknown>): unknown
  }
  export class StateGraph<State> {
    constructor(fields: unknown)
    addNode(name: string, work: (state: State) => Partial<State>): this
    addEdge(from: string, to: string): this
    compile(options: { checkpointer: unknown }): Graph<State>
  }
  export interface Graph<State> {
    invoke(
      input: State,
      config: { configurable: { thread_id: string }; durability: 'sync' | 'async' | 'exit' },
    ): Promise<State>
  }
}

declare module '@langchain/langgraph-checkpoint-sqlite' {
  import type { Database } from 'better-sqlite3'

  export class SqliteSaver {
    constructor(handle: Database)
  }
}
