import { BaseCommand } from '../cli/base-command.js'

/** Long enough for a model that is asked on some days only. */
const DAYS = 30

export default class Models extends BaseCommand {
  static override summary =
    "List today's free models, how they did here, and what to try where one in use is gone."
  static override description =
    'Asks the endpoint for its list, which costs no request, and counts in the ledger how often each model gave an answer in the last 30 days. Nothing is changed: which model is asked is for you to say, in config/profiles.yml.'
  static override examples = ['<%= config.bin %> models', '<%= config.bin %> models --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Models)
    const { settings } = await this.begin(flags)
    const [{ listModels }, { offeredModels, noModelList }, { userAgentOf }, { renderModels }] =
      await Promise.all([
        import('../llm/model-list.js'),
        import('../pipeline/overview/offered-models.js'),
        import('../pipeline/resources/user-agent.js'),
        import('../cli/render/models.js'),
      ])
    let cause = 'it is empty'
    const list = await listModels(settings.baseUrl, {
      userAgent: userAgentOf(settings.contact),
      onNone: (why) => (cause = why),
    })
    if (list === null || list.length === 0) throw noModelList(settings.baseUrl, cause)
    const offered = offeredModels(settings, list, await successOf(settings.databaseUrl))
    this.print(renderModels(offered))
    return offered
  }
}

/** Nothing where there is no executions DB yet. */
async function successOf(databaseUrl: string) {
  const [{ openForReading }, { modelSuccess }, { ConfigError }] = await Promise.all([
    import('../db/engine/open.js'),
    import('../db/usage/model-success.js'),
    import('../core/errors.js'),
  ])
  try {
    const database = await openForReading(databaseUrl)
    try {
      return await modelSuccess(database.db, DAYS, database.clock.now())
    } finally {
      await database.close()
    }
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'db_missing') return new Map<string, never>()
    throw error
  }
}
