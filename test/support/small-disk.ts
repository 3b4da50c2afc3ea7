import { spawn, spawnSync } from 'node:child_process'
import { existsSync, rmSync, statfsSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { canMount } from './cli.js'
import type { Workspace } from './workspace.js'

/** Why no small disk can be had here; null: one can. */
export function noSmallDisk(): string | null {
  if (!canMount()) return 'no file system can be mounted here (unshare -rm)'
  return existsSync('/proc/self/ns/mnt') ? null : 'there is no /proc'
}

/** A real file system of a few megabytes in the place of a workspace's data folder, seen only by commands that are given its shell. */
export class SmallDisk {
  readonly #folder: string

  private constructor(
    readonly workspace: Workspace,
    readonly pid: number,
    readonly end: () => void,
  ) {
    this.#folder = `/proc/${pid}/root${workspace.in('data')}`
  }

  /** Moves the data of a workspace to a disk of so many megabytes. */
  static async mount(workspace: Workspace, megabytes: number): Promise<SmallDisk> {
    const script = `cp -a data kept && mount -t tmpfs -o size=${megabytes}m tmpfs data && cp -a kept/. data && rm -r kept && echo ready && exec sleep 600`
    const child = spawn('unshare', ['-rm', 'sh', '-c', script], { cwd: workspace.path })
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve())
      child.once('close', (code) => reject(new Error(`the disk ended with ${code}`)))
    })
    return new SmallDisk(workspace, child.pid ?? 0, () => void child.kill('SIGKILL'))
  }

  /** The shell option with which a command sees the disk. */
  get shell(): string {
    return `exec nsenter -t ${this.pid} -U -m --preserve-credentials sh -c 'cd "$0" && exec "$@"' '${this.workspace.path}' "$@"`
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder)
    return bavail * bsize
  }

  /** Writes a file that leaves so many bytes free. */
  fill(leave = 0): void {
    const filler = join(this.#folder, 'filler')
    spawnSync('sh', ['-c', `cat /dev/zero >> '${filler}' 2>/dev/null`])
    if (leave > 0) truncateSync(filler, statSync(filler).size - leave)
  }

  /** Takes the filler away again. */
  clear(): void {
    rmSync(join(this.#folder, 'filler'), { force: true })
  }

  /** Brings the data back to the workspace, and ends the disk. */
  unmount(): void {
    this.clear()
    spawnSync('cp', ['-a', `${this.#folder}/.`, this.workspace.in('data')])
    this.end()
  }
}
