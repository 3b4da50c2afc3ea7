// The direction of imports: commands → cli, pipeline → machines → llm, papers, corpus, report → db → core.
const layers = {
  core: ['core'],
  db: ['core', 'db'],
  llm: ['core', 'db', 'llm'],
  papers: ['core', 'db', 'papers'],
  corpus: ['core', 'db', 'corpus'],
  report: ['core', 'db', 'report'],
  machines: ['core', 'db', 'llm', 'papers', 'corpus', 'report', 'machines'],
  pipeline: ['core', 'db', 'llm', 'papers', 'corpus', 'report', 'machines', 'pipeline'],
  cli: ['core', 'db', 'llm', 'papers', 'corpus', 'report', 'machines', 'pipeline', 'cli'],
}

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `${layer}-imports-downwards`,
      severity: 'error',
      from: { path: `^src/${layer}/` },
      to: { path: '^src/', pathNot: `^src/(${allowed.join('|')})/` },
    })),
    {
      name: 'sql-only-in-db-and-corpus',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(db|corpus)/' },
      to: { path: 'node_modules/(better-sqlite3|kysely)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'http-only-in-its-clients',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(llm|papers)/' },
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
