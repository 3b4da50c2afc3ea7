import type { ShownSettings } from '../../pipeline/config/shown-settings.js'
import { renderTable } from '../layout/table.js'

/** Returns what a person reads of the settings in force. */
export function renderSettings({ workspace, settings, env_file: names }: ShownSettings): string {
  const rows = Object.entries(settings).map(([key, { value, source }]) => [key, shown(value), source])
  return [
    renderTable([{ head: 'SETTING' }, { head: 'VALUE' }, { head: 'FROM' }], rows),
    ...(names.length === 0 ? [] : [`.env sets ${names.join(', ')}`]),
    workspace === null ? 'workspace: none; no rpa.yml here or above' : `workspace: ${workspace}`,
  ].join('\n')
}

function shown(value: ShownSettings['settings'][string]['value']): string {
  if (value === null) return '-'
  return typeof value === 'object' ? value.join(', ') : String(value)
}
