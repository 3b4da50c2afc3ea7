/** Beginnings of keys by whose they are, and the hosts that take them. */
const OWNERS: readonly { begins: RegExp; host: RegExp; name: string }[] = [
  { begins: /^sk-or-/, host: /(^|\.)openrouter\.ai$/, name: 'OpenRouter' },
  { begins: /^sk-ant-/, host: /(^|\.)anthropic\.com$/, name: 'Anthropic' },
  { begins: /^sk-(?:proj|svcacct|admin)-/, host: /(^|\.)openai\.(com|azure\.com)$/, name: 'OpenAI' },
  { begins: /^gsk_/, host: /(^|\.)groq\.com$/, name: 'Groq' },
  { begins: /^AIza/, host: /(^|\.)googleapis\.com$/, name: 'Google' },
  { begins: /^hf_/, host: /(^|\.)huggingface\.co$/, name: 'Hugging Face' },
  { begins: /^nvapi-/, host: /(^|\.)nvidia\.com$/, name: 'NVIDIA' },
  { begins: /^xai-/, host: /(^|\.)x\.ai$/, name: 'xAI' },
  { begins: /^(?:ghp_|github_pat_)/, host: /(^|\.)(github|githubcopilot)\.(com|ai)$/, name: 'GitHub' },
]

/** What stands in examples where a key belongs, between signs that part words: in keys of chance such words do not come to stand so. */
const WORDS =
  /(?:^|[-_])(?:your|my|paste|insert|replace|change|changeme|example|placeholder|todo|goes|here|x{3,}|\*{3,}|0{3,})(?:$|[-_])/i
/** A beginning with nothing behind it. */
const BARE = /^(?:sk|gsk|hf|xai|nvapi)(?:[-_](?:or|ant|proj|v1|api03))*[-_]?$/i
const DOTS = /\.\.\.|…|[<>{}[\]]/

/**
 * Returns what is wrong with a key by its looks, in words behind the name of its variable, and what to do; null: nothing. The words
 * hold nothing of it.
 *
 * @param host that it is sent to; one that is not known may take any word for a key.
 */
export function keyLooks(key: string, host: string | null): { message: string; hint: string } | null {
  if (/^bearer\b/i.test(key))
    return fault('begins with "Bearer"', 'Set the key alone: the word is put in front of it when it is sent.')
  if (/^["'`‘’“”]|["'`‘’“”]$/.test(key)) return fault('has quotes around it', 'Set it again without them.')
  if (/^\$|^%.*%$/.test(key))
    return fault(
      'names a variable instead of holding a key',
      'Variables are not filled in there: write the key itself.',
    )
  const taker = host === null ? undefined : OWNERS.find((one) => one.host.test(host))
  if (DOTS.test(key) || (taker !== undefined && (WORDS.test(key) || BARE.test(key))))
    return fault('holds what stands in examples where a key belongs', 'Write your own key there, whole.')
  if (!/^[\x21-\x7e]+$/.test(key))
    return fault(
      'holds characters that no API key has',
      'Set it again; blanks or line ends may have come with it when it was copied.',
    )
  const owner = OWNERS.find(({ begins }) => begins.test(key))
  if (owner === undefined || taker === undefined || owner === taker) return null
  return fault(
    `holds a key of ${owner.name}, and would be sent to ${taker.name}`,
    `Set it to a key of ${taker.name}, or name the address of ${owner.name} as base_url (docs/models.md).`,
  )
}

function fault(message: string, hint: string): { message: string; hint: string } {
  return { message, hint }
}
