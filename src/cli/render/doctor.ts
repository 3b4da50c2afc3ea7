import chalk from 'chalk'
import type { Finding } from '../../pipeline/doctor/finding.js'

const MARKS: Record<Finding['state'], string> = {
  good: chalk.green('good'),
  note: chalk.yellow('note'),
  bad: chalk.red('bad '),
}

/** Returns a line for each finding, with what to do below it. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  return findings
    .map(({ check, state, message, todo }) => {
      const line = `${MARKS[state]}  ${check.padEnd(width)}  ${message}`
      return todo === undefined ? line : `${line}\n${' '.repeat(width + 8)}${todo}`
    })
    .join('\n')
}
