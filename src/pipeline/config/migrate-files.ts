import { readFile } from 'node:fs/promises'
import { diskHint } from '../../core/files/disk-error.js'
import { UsageError, messageOf, systemCode } from '../../core/errors.js'
import { replaceFile } from '../../core/files/replace-file.js'
import { textOfFile } from '../../core/files/text-encoding.js'
import { migrateConfig } from '../../machines/files/migrate.js'

export interface MigratedFile {
  file: string
  /** One line for each change; empty where nothing was to do. */
  changes: string[]
}

/**
 * Rewrites configuration files to the newest version of their format. All are read before the first is written.
 *
 * @throws UsageError `no_such_file`; ConfigError where a file is not such a configuration.
 */
export async function migrateFiles(files: readonly string[], dryRun: boolean): Promise<MigratedFile[]> {
  const migrated = await Promise.all(
    files.map(async (file) => ({ file, ...migrateConfig(await read(file), file) })),
  )
  for (const { file, text, changes } of migrated) {
    if (changes.length > 0 && !dryRun) await replaceFile(file, text)
  }
  return migrated.map(({ file, changes }) => ({ file, changes }))
}

async function read(file: string): Promise<string> {
  try {
    return textOfFile(await readFile(file))
  } catch (error) {
    throw new UsageError(
      'no_such_file',
      `${file} cannot be read (${systemCode(error) ?? messageOf(error)}).`,
      {
        hint: diskHint(error, 'choose another file'),
        cause: error,
      },
    )
  }
}
