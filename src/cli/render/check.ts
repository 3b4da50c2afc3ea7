import chalk from 'chalk'
import type { CheckReport } from '../../machines/files/check.js'
import type { Fault } from '../../machines/files/faults.js'
import { formatFaultWithPlace } from '../../machines/files/faults.js'
import { counted } from '../layout/counted.js'

/** Returns what a person reads after a check: every fault and warning, one a line, and a count. */
export function renderCheck(report: CheckReport): string {
  const lines: string[] = []
  for (const file of report.files) {
    for (const fault of [...file.faults].sort(byPlace))
      lines.push(`${chalk.red('fault')} ${formatFaultWithPlace(fault)}`)
    for (const warning of file.warnings)
      lines.push(`${chalk.yellow('warning')} ${formatFaultWithPlace(warning)}`)
  }
  const faults = report.files.reduce((sum, file) => sum + file.faults.length, 0)
  const warnings = report.files.reduce((sum, file) => sum + file.warnings.length, 0)
  for (const file of report.skipped)
    lines.push(
      `passed over ${file}: neither a machine, agent, prompt or profile file nor one by a name that is read`,
    )
  lines.push(
    `${counted(report.files.length, 'file')} checked: ${count(faults, 'fault')}, ${count(warnings, 'warning')}`,
  )
  return lines.join('\n')
}

function byPlace(a: Fault, b: Fault): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function count(n: number, word: string): string {
  return n === 0 ? `no ${word}s` : counted(n, word)
}
