// The direction of imports. Each list goes from the bottom up: a room may import those before it, not those behind it.
const floors = [
  'core',
  'text',
  'http',
  'db',
  'llm',
  'papers',
  'corpus',
  'report',
  'machines',
  'telemetry',
  'pipeline',
  'cli',
  'commands',
]
const above = {
  core: [],
  text: ['core'],
  http: ['core'],
  db: ['core', 'text'],
  llm: ['core', 'text', 'db', 'http'],
  papers: ['core', 'text', 'db', 'http'],
  corpus: ['core', 'text', 'db', 'http'],
  report: ['core', 'text', 'db'],
  machines: ['core'],
  telemetry: ['core'],
  pipeline: ['core', 'text', 'db', 'llm', 'papers', 'corpus', 'report', 'machines'],
}
above.cli = [...above.pipeline, 'pipeline', 'telemetry']
// prettier-ignore
const core = [
  'errors.ts', 'json.ts', 'words-alike.ts', 'database-url.ts', 'public-url.ts', 'files', 'settings', 'processes',
]
const db = ['engine', 'leases', 'calls', 'usage', 'checkpoints', 'executions', 'hosts', 'maintenance']
// prettier-ignore
const pipeline = [
  'failures', 'actions', 'config', 'resources', 'limits', 'requests', 'prepare-phase.ts', 'result.ts', 'paper',
  'schedule', 'overview',
]

const papers = ['types.ts', 'fetch', 'extract']
// prettier-ignore
const extract = ['model.ts', 'patterns.ts', 'pdfium', 'page', 'layout', 'document', 'protocol.ts', 'read-paper.ts', 'worker.ts']
// prettier-ignore
const corpus = [
  'errors.ts', 'features.ts', 'open.ts', 'full-text.ts', 'types.ts', 'papers.ts', 'formats', 'newest.ts', 'importing', 'neighbors',
  'seeding', 'hosts', 'arxiv', 'openalex',
]
const llm = ['provider.ts', 'context-limit.ts', 'errors.ts', 'request.ts', 'answers', 'refusals']
// prettier-ignore
const report = [
  'terms', 'markdown', 'answers', 'numbers', 'paper', 'facts', 'sections', 'report-input.ts', 'venue.ts',
  'neighbor-lines.ts', 'quick-facts.ts', 'offline-sections.ts', 'frontmatter', 'computation-notes.ts', 'assemble.ts', 'read-report.ts',
  'quality', 'judging',
]
// prettier-ignore
const machines = ['errors.ts', 'bounds.ts', 'types.ts', 'language', 'spec.ts', 'loaded.ts', 'files']

const escape = (name) => name.replace('.', '\\.') + (name.endsWith('.ts') ? '$' : '/')

const rooms = (folder, names) =>
  names.map((name, place) => ({
    name: `${folder.replace('/', '-')}-${name.replace('.ts', '')}-imports-downwards`,
    severity: 'error',
    from: { path: `^src/${folder}/${escape(name)}` },
    to: {
      path: `^src/${folder}/`,
      pathNot: `^src/${folder}/(${names
        .slice(0, place + 1)
        .map(escape)
        .join('|')})`,
    },
  }))

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    // What only declares is imported by nobody.
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    ...floors
      .filter((floor) => floor in above)
      .map((floor) => ({
        name: `${floor}-imports-downwards`,
        severity: 'error',
        from: { path: `^src/${floor}/` },
        to: { path: '^src/', pathNot: `^src/(${[...above[floor], floor].join('|')})/` },
      })),
    ...rooms('core', core),
    ...rooms('db', db),
    ...rooms('pipeline', pipeline),
    ...rooms('papers/extract', extract),
    ...rooms('papers', papers),
    ...rooms('corpus', corpus),
    ...rooms('cli', ['usage-words.ts', 'errors.ts', 'layout', 'render']),
    ...rooms('llm', llm),
    ...rooms('report', report),
    ...rooms('machines', machines),
    {
      name: 'sql-only-in-db-and-corpus',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(db|corpus)/' },
      to: { path: 'node_modules/(better-sqlite3|kysely|pg)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'http-only-in-one-place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/http/' },
      to: { path: 'node_modules/undici' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
