/** What is known of a span or a measurement; null and undefined are left out. */
export type Attributes = Record<string, string | number | boolean | null | undefined>

/** A piece of work that is under way. */
export interface Span {
  set(attributes: Attributes): void
  /** @param errorClass never a message: those may quote a paper or an endpoint. */
  fail(errorClass: string): void
}

/** Everything that is measured; what no exporter asks for costs nothing. */
export const MEASURES = {
  'rpa.requests': { unit: '{request}', description: 'Requests to models.' },
  'rpa.tokens': { unit: '{token}', description: 'Tokens of prompts and completions.' },
  'rpa.papers': { unit: '{paper}', description: 'Papers whose work in a phase ended.' },
  'rpa.request.duration': { unit: 's', description: 'From sending a request to its answer or refusal.' },
  'rpa.paper.duration': { unit: 's', description: 'Work on a paper in a phase.' },
  'rpa.budget.remaining': { unit: '{request}', description: "What is left of the UTC day's requests." },
} as const satisfies Record<`rpa.${string}`, { unit: string; description: string }>

type Measure = keyof typeof MEASURES

/** Where spans and measurements go. */
export interface Telemetry {
  /** Does the work inside a span, below that of the work which does this; returns and throws what it does. */
  span<R>(name: string, attributes: Attributes, work: (span: Span) => Promise<R>): Promise<R>
  count(measure: Measure, amount: number, attributes: Attributes): void
  /** @param value in the unit of the measure. */
  record(measure: Measure, value: number, attributes: Attributes): void
  /**
   * Reads a value whenever it is exported; null: there is none.
   *
   * @returns what ends that; the last value stays.
   */
  watch(measure: Measure, read: () => Promise<number | null>): () => Promise<void>
}

const NO_SPAN: Span = { set: () => undefined, fail: () => undefined }

const SILENT: Telemetry = {
  span: (_name, _attributes, work) => work(NO_SPAN),
  count: () => undefined,
  record: () => undefined,
  watch: () => async () => undefined,
}

let current = SILENT

/** Returns where this process tells what it does; by default nowhere. */
export function telemetry(): Telemetry {
  return current
}

/** Has this process tell what it does from now on; null: nobody any more. */
export function useTelemetry(next: Telemetry | null): void {
  current = next ?? SILENT
}
