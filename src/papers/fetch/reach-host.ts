import { messageOf } from '../../core/errors.js'
import { Connections } from '../../http/connections.js'

/**
 * Returns why the host of a URL cannot be reached; null: it answers, whatever it says.
 *
 * @param userAgent of the one question, `HEAD /`.
 */
export async function whyUnreachable(
  url: string,
  userAgent: string,
  timeoutMs: number,
): Promise<string | null> {
  const connections = new Connections()
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const headers = { 'user-agent': userAgent }
    const { body } = await connections.request(new URL('/', url), { method: 'HEAD', signal, headers })
    await body.dump()
    return null
  } catch (error) {
    return signal.aborted ? `no answer within ${timeoutMs / 1000} s` : messageOf(error)
  } finally {
    await connections.destroy()
  }
}
