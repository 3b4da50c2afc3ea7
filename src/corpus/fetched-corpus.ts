import { statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.js'
import { openCorpus } from './open.js'

/**
 * Returns the file into which metadata are fetched: the corpus itself where it is ours or not there yet, else one of our own
 * in the data folder. A crawler's file is never written.
 *
 * @throws as `openCorpus` for a file that is no corpus.
 */
export function fetchTarget({ corpusDb, dataDir }: { corpusDb: string; dataDir: string }): string {
  if (!hasContent(corpusDb)) return corpusDb
  try {
    const corpus = openCorpus(corpusDb)
    const { own } = corpus.features
    corpus.close()
    return own ? corpusDb : besideCorpus(dataDir)
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'corpus_missing') return corpusDb
    throw error
  }
}

/** Returns the file that holds what was fetched where the corpus is a crawler's. */
export function besideCorpus(dataDir: string): string {
  return join(dataDir, 'fetched.sqlite')
}

/** Returns whether there is a file with anything in it. */
export function hasContent(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && (!stat.isFile() || stat.size > 0)
}
