import { basename, dirname } from 'node:path'

const PARTS = new Set(['machines', 'agents', 'prompts', 'profiles'])

/**
 * Returns the folder that the configuration of a file is taken to be: the nearest above it that is named `config`, else
 * the one that holds its folder of machines, agents or prompts, else its own.
 */
export function configRoot(file: string): string {
  const own = dirname(file)
  for (let folder = own; folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(folder) === 'config') return folder
  }
  return folderRoot(own)
}

/** Returns the folder that a folder of a configuration belongs to: a folder of parts belongs to the one above. */
export function folderRoot(folder: string): string {
  return PARTS.has(basename(folder)) ? dirname(folder) : folder
}
