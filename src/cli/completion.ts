import type { Command, Config } from '@oclif/core'

export type Shell = 'bash' | 'zsh' | 'fish'

interface Word {
  name: string
  about: string
}

interface Flag extends Word {
  takesValue: boolean
  /** What it may be; empty: anything, most often a file. */
  values: readonly string[]
}

/** What may follow some words of a command line. */
interface Place {
  /** `queue list`, `queue`, or nothing for the program itself. */
  words: string
  next: Word[]
  flags: Flag[]
}

/** Returns a script that completes commands, flags and their values in a shell; it asks nothing of the program when it runs. */
export function completionScript(shell: Shell, config: Config): string {
  const places = placesOf(config)
  return { bash, zsh, fish }[shell](places)
}

function placesOf({ commands, topics }: Config): Place[] {
  const shown = commands.filter(({ hidden }) => !hidden)
  const below = (topic: string): Word[] => {
    const depth = topic === '' ? 0 : topic.split(':').length
    const inside = (id: string): boolean => topic === '' || id.startsWith(`${topic}:`)
    const own = [
      ...topics.map(({ name, description }) => ({ id: name, about: description })),
      ...shown.map(about),
    ]
    const names = own
      .filter(({ id }) => inside(id) && id.split(':').length === depth + 1)
      .map(({ id, about: text = '' }): [string, string] => [id.split(':')[depth] ?? '', text])
    return [...new Map(names)]
      .map(([name, text]) => ({ name, about: text }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  const ids = shown.map(({ id }) => id)
  return [
    {
      words: '',
      next: below(''),
      flags: [{ name: '--version', about: 'Show the version.', takesValue: false, values: [] }, HELP],
    },
    ...topics
      .filter(({ name }) => !ids.includes(name))
      .map(({ name }) => ({ words: name.replaceAll(':', ' '), next: below(name), flags: [HELP] })),
    ...shown.map((command) => ({
      words: command.id.replaceAll(':', ' '),
      next: below(command.id),
      flags: [
        ...Object.values(command.flags)
          .filter(({ hidden }) => !hidden)
          .map(flagOf),
        HELP,
      ],
    })),
  ]
}

const HELP: Flag = { name: '--help', about: 'Show what it does and takes.', takesValue: false, values: [] }

function about({ id, summary }: Command.Loadable): { id: string; about: string | undefined } {
  return { id, about: summary }
}

function flagOf(flag: Command.Flag.Cached): Flag {
  return {
    name: `--${flag.name}`,
    about: flag.summary ?? flag.description ?? '',
    takesValue: flag.type === 'option',
    values: flag.type === 'option' ? (flag.options ?? []) : [],
  }
}

/** Returns `queue list --status` and the like with what may stand behind it. */
function valuesOf(places: readonly Place[]): { at: string; values: readonly string[] }[] {
  return places.flatMap(({ words, flags }) =>
    flags
      .filter(({ values }) => values.length > 0)
      .map(({ name, values }) => ({ at: `${words} ${name}`, values })),
  )
}

function freeFlags(places: readonly Place[]): string[] {
  const free = places.flatMap(({ flags }) =>
    flags.filter((flag) => flag.takesValue && flag.values.length === 0),
  )
  return [...new Set(free.map(({ name }) => name))].sort()
}

/** A pattern of the shell's that holds every place, to find the longest that the line begins with. */
function known(places: readonly Place[]): string {
  return `|${places.map(({ words }) => words).join('|')}|`
}

function names(list: readonly Word[]): string {
  return list.map(({ name }) => name).join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function bash(places: readonly Place[]): string {
  return `# rpa completion bash > ~/.local/share/bash-completion/completions/rpa
_rpa() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line= next= flags= longer i
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="\${line:+$line }\${COMP_WORDS[i]}"
    case '${known(places)}' in *"|$longer|"*) line=$longer ;; *) break ;; esac
  done
  case "$line" in
${places.map(({ words, next, flags }) => `    '${words}') next='${names(next)}' flags='${names(flags)}' ;;`).join('\n')}
  esac
  case "$line \${COMP_WORDS[COMP_CWORD - 1]}" in
${valuesOf(places)
  .map(
    ({ at, values }) => `    '${at}') COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$cur")); return ;;`,
  )
  .join('\n')}
    ${freeFlags(places)
      .map((name) => `*' ${name}'`)
      .join(' | ')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $next ]]; then COMPREPLY=($(compgen -W "$next" -- "$cur"))
  else COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _rpa rpa
`
}

function zsh(places: readonly Place[]): string {
  const list = (words: readonly Word[]): string =>
    words.map(({ name, about: text }) => quoted(`${name}:${text}`)).join(' ')
  return `#compdef rpa
# rpa completion zsh > a folder of your fpath/_rpa
_rpa() {
  local line= longer i
  local -a next flags
  for ((i = 2; i < CURRENT; i++)); do
    longer="\${line:+$line }\${words[i]}"
    case '${known(places)}' in *"|$longer|"*) line=$longer ;; *) break ;; esac
  done
  case "$line" in
${places.map(({ words, next, flags }) => `    '${words}') next=(${list(next)}) flags=(${list(flags)}) ;;`).join('\n')}
  esac
  case "$line \${words[CURRENT - 1]}" in
${valuesOf(places)
  .map(({ at, values }) => `    '${at}') compadd -- ${values.join(' ')}; return ;;`)
  .join('\n')}
    ${freeFlags(places)
      .map((name) => `*' ${name}'`)
      .join(' | ')}) _files; return ;;
  esac
  if [[ $PREFIX == -* ]]; then _describe -o flag flags
  elif (( $#next )); then _describe command next
  else _files
  fi
}
if [[ $funcstack[1] == _rpa ]]; then _rpa "$@"; else compdef _rpa rpa; fi
`
}

function fish(places: readonly Place[]): string {
  const text = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = places.flatMap(({ words, next, flags }) => {
    const at = `complete -c rpa -n ${text(`__rpa_at ${words === '' ? '' : `"${words}"`}`)}`
    return [
      ...next.map(({ name, about: own }) => `${at} -f -a ${name} -d ${text(own)}`),
      ...flags.map(({ name, about: own, takesValue, values }) => {
        const value = values.length > 0 ? ` -x -a ${text(values.join(' '))}` : takesValue ? ' -r' : ''
        return `${at} -l ${name.slice(2)}${value} -d ${text(own)}`
      }),
    ]
  })
  return `# rpa completion fish > ~/.config/fish/completions/rpa.fish
function __rpa_at
  set -l line ''
  set -l words (commandline -opc)
  set -e words[1]
  for word in $words
    set -l longer (string trim "$line $word")
    contains -- "$longer" ${places
      .filter(({ words }) => words !== '')
      .map(({ words }) => text(words))
      .join(' ')}
    and set line $longer
    or break
  end
  test "$line" = "$argv"
end
${lines.join('\n')}
`
}
