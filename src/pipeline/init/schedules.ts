import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'

/** What a schedule has to name in full: it is run without anybody's profile. */
export interface Place {
  /** The workspace, absolute. */
  folder: string
  /** Of Node. */
  node: string
  /** Of this program. */
  script: string
}

/** Returns lines for `crontab -e`, at minutes that others do not all choose as well. */
export function crontab(place: Place): string {
  const minute = minuteOf(place.folder)
  const command = `cd ${quoted(place.folder)} && ${quoted(place.node)} ${quoted(place.script)}`
  const line = (when: string, args: string): string => `${when}  ${command.replaceAll('%', '\\%')} ${args}`
  return `# Lines for \`crontab -e\`: take what you want. Keys belong into ${join(place.folder, '.env')} (chmod 600), which every command reads.
# cron mails what is printed: with --quiet that is nothing, or why a command could not do its work.
PATH=${[...new Set([dirname(place.node), '/usr/bin', '/bin'])].join(':')}
# MAILTO=you@example.org

# All of it, best work first, most of each hour:
${line(`${minute} * * * *`, 'run --seed --limit 50 --max-time 50m --quiet')}

# Or phase by phase:
# ${line(`${minute} * * * *`, 'prep --quiet')}
# ${line(`${(minute + 20) % 60} * * * *`, 'analyze --max-time 40m --quiet')}
# ${line(`${(minute + 40) % 60} * * * *`, 'wrap --quiet')}
# What is left of the day's requests goes to prep; it decides itself when that is, by UTC:
# ${line('*/10 * * * *', 'prep --burst --quiet')}

# Every night: put abandoned papers back, make room, keep a copy for each weekday.
${line(`${(minute + 5) % 60} 3 * * *`, 'reap --quiet')}
${line(`${(minute + 10) % 60} 3 * * *`, 'prune --quiet')}
${line(`${(minute + 15) % 60} 3 * * *`, 'vacuum --into backup/executions-$(date +\\%u).sqlite --force --quiet')}

# One mail a day; none where nothing happened:
${line(`${(minute + 30) % 60} 7 * * *`, 'digest')}
`
}

/** Returns a unit and its timer for systemd, by their names. */
export function systemdUnits(place: Place): Record<string, string> {
  const command = [place.node, place.script].map((word) => `"${escaped(word)}"`).join(' ')
  // Taken as it stands, quotes and backslashes too.
  const folder = place.folder.replaceAll('%', '%%')
  return {
    'rpa.service': `# cp rpa.service rpa.timer ~/.config/systemd/user/ && systemctl --user enable --now rpa.timer
# \`loginctl enable-linger\` lets it run while you are not logged in.
[Unit]
Description=rpa: papers to reports

[Service]
Type=oneshot
WorkingDirectory=${folder}
ExecStart=${command} run --seed --limit 50 --max-time 50m --quiet
# Work remains (75), or was stopped: no failure.
SuccessExitStatus=75 130 143
`,
    'rpa.timer': `[Unit]
Description=rpa, every hour

[Timer]
OnCalendar=*-*-* *:${String(minuteOf(place.folder)).padStart(2, '0')}:00
RandomizedDelaySec=60
Persistent=true

[Install]
WantedBy=timers.target
`,
  }
}

/** Not the full hour, at which all the others come. */
function minuteOf(folder: string): number {
  const number = createHash('sha256').update(folder).digest().readUInt16BE(0)
  return 3 + (number % 15)
}

function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A percent sign begins a specifier, a dollar a variable. */
function escaped(word: string): string {
  return word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', () => '$$')
}
