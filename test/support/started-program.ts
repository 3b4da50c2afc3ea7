import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface StartedProgram {
  /** Resolves with the exit code; null after a kill. */
  ended: Promise<number | null>
  /** All that it has written so far. */
  said: () => string
  /** Ends it as a crash would, and waits until it is gone. */
  kill: () => Promise<void>
}

/** Starts a bundled program and waits for its first output; what still runs when the test ends is killed. */
export async function startProgram(program: string, args: readonly string[]): Promise<StartedProgram> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then((code) => Promise.reject(new Error(`${program} ended with ${code} and said nothing`))),
  ])
  return { ended, said: () => output, kill }
}
