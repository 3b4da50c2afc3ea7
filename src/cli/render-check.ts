import chalk from 'chalk'
import type { CheckReport } from '../machines/check.js'

/** Returns what a person reads after a check: every fault and warning, one a line, and a count. */
export function renderCheck(report: CheckReport): string {
  const lines: string[] = []
  for (const file of report.files) {
    for (const fault of file.faults) lines.push(line(chalk.red('fault'), fault))
    for (const warning of file.warnings) lines.push(line(chalk.yellow('warning'), warning))
  }
  const faults = report.files.reduce((sum, file) => sum + file.faults.length, 0)
  const warnings = report.files.reduce((sum, file) => sum + file.warnings.length, 0)
  const skipped = report.skipped.length === 0 ? '' : `; ${report.skipped.length} other YAML files passed over`
  lines.push(
    `${report.files.length} files checked: ${count(faults, 'fault')}, ${count(warnings, 'warning')}${skipped}`,
  )
  return lines.join('\n')
}

function line(
  label: string,
  fault: { file: string; key: string; message: string; hint?: string | undefined },
): string {
  const where = fault.key === '' ? fault.file : `${fault.file}: ${fault.key}`
  return `${label} ${where}: ${fault.message}${fault.hint === undefined ? '' : ` (${fault.hint})`}`
}

function count(n: number, word: string): string {
  return `${n === 0 ? 'no' : n} ${word}${n === 1 ? '' : 's'}`
}
