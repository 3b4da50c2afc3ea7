// Reads the files it is given and sends what it measured; started by pdf-speed.ts, as plain JavaScript.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { PdfExtractor } from '../src/papers/extractor.js'
import { MemoryWatch } from './memory.js'

/** Readings of all files by one extractor, cold at first. */
export interface SpeedRun {
  pages: number
  /** Seconds by the wall: the first reading of all files, and the best of the next two. */
  cold: number
  warm: number
  /** CPU seconds of the first reading, start of the threads included. */
  cpu: number
  /** Longest wait of the main thread's event loop, ms. */
  pause: number
  peakMb: number
}

/** One long reading by two workers. */
export interface LongRun {
  documents: number
  seconds: number
  /** Peak of each quarter, MB. */
  quarters: readonly number[]
}

export interface SpeedOrder {
  workers: number
  /** Documents of a long run; 0 for a `SpeedRun`. */
  documents: number
  files: readonly string[]
}

process.once('message', (order: SpeedOrder) => {
  void measure(order).then((result) => process.send!(result, () => process.disconnect()))
})

async function measure({ workers, documents, files }: SpeedOrder): Promise<SpeedRun | LongRun> {
  const limits = { maxBytes: 1e9, maxPages: 2000, timeoutMs: 60_000 }
  const workerUrl = new URL('extract-worker.js', import.meta.url)
  const extractor = new PdfExtractor({ workers, limits, workerUrl })
  try {
    return await (documents > 0 ? readLong(extractor, files, documents) : readTwice(extractor, files))
  } finally {
    await extractor.close()
  }
}

async function readTwice(extractor: PdfExtractor, files: readonly string[]): Promise<SpeedRun> {
  const memory = new MemoryWatch(10)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  memory.reset()
  const before = process.cpuUsage()
  const first = await readAll(extractor, files)
  const used = process.cpuUsage(before)
  const again = [await readAll(extractor, files), await readAll(extractor, files)]
  loop.disable()
  memory.stop()
  return {
    pages: first.pages,
    cold: first.seconds,
    warm: Math.min(...again.map((a) => a.seconds)),
    cpu: (used.user + used.system) / 1e6,
    pause: loop.max / 1e6,
    peakMb: memory.recent(),
  }
}

async function readLong(
  extractor: PdfExtractor,
  files: readonly string[],
  documents: number,
): Promise<LongRun> {
  const memory = new MemoryWatch(10)
  const list = Array.from({ length: documents }, (_, i) => files[i % files.length]!)
  let done = 0
  const { seconds } = await readAll(extractor, list, () => memory.mark(++done / documents))
  memory.stop()
  return { documents, seconds, quarters: memory.quarters() }
}

async function readAll(
  extractor: PdfExtractor,
  list: readonly string[],
  onDone: () => void = () => undefined,
): Promise<{ pages: number; seconds: number }> {
  const started = performance.now()
  let pages = 0
  await Promise.all(
    list.map(async (file) => {
      const paper = await extractor.extract(file)
      pages += paper.pages
      onDone()
    }),
  )
  return { pages, seconds: (performance.now() - started) / 1000 }
}
