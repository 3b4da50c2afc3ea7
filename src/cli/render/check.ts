import chalk from 'chalk'
import type { CheckReport } from '../../machines/files/check.js'
import { formatFaultWithLine } from '../../machines/files/faults.js'

/** Returns what a person reads after a check: every fault and warning, one a line, and a count. */
export function renderCheck(report: CheckReport): string {
  const lines: string[] = []
  for (const file of report.files) {
    for (const fault of file.faults) lines.push(`${chalk.red('fault')} ${formatFaultWithLine(fault)}`)
    for (const warning of file.warnings)
      lines.push(`${chalk.yellow('warning')} ${formatFaultWithLine(warning)}`)
  }
  const faults = report.files.reduce((sum, file) => sum + file.faults.length, 0)
  const warnings = report.files.reduce((sum, file) => sum + file.warnings.length, 0)
  const skipped = report.skipped.length === 0 ? '' : `; ${report.skipped.length} other YAML files passed over`
  lines.push(
    `${report.files.length} files checked: ${count(faults, 'fault')}, ${count(warnings, 'warning')}${skipped}`,
  )
  return lines.join('\n')
}

function count(n: number, word: string): string {
  return `${n === 0 ? 'no' : n} ${word}${n === 1 ? '' : 's'}`
}
