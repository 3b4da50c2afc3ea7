/**
 * How endpoints word what is wrong, by kind: parts of regular expressions, case ignored, over message, codes and types
 * together. One place for all of them; `classify.ts` says in which order and under which status they count.
 */
const WORDINGS = {
  /** Money, or what an account may spend: nobody but its owner ends that. */
  credit: [
    'insufficient[-_ ](?:\\w+[-_ ])?(?:credits?|balance|funds|quota)',
    '(?:credit )?balance is (?:too low|insufficient|not enough)',
    'out of (?:credits?|funds)',
    'credits? (?:has |have )?expired',
    'exceeded_current_quota_error',
    'billing_(?:hard_limit|not_active)',
    '(?:payment|billing) (?:is )?required',
    'never purchased credits',
    'check your plan and billing',
    'budget(?:_| has been | is )?exceeded',
    'exceeded\\w{0,20}budget',
    'spend(?:ing)? limit|key limit exceeded',
    'specified api usage limits',
    'arrearage|overdue[-_ ](?:balance|payment)|accountoverdue',
    'freetieronly|free tier[^.]{0,40}exhausted',
    "token(?:'s)? quota (?:has been )?exhausted",
    'setlimitexceeded|set inference limit',
    '余额不足|额度不足|额度已用尽|欠费',
  ],
  /** Limits of requests or tokens, without saying which. */
  rate: [
    '(?<![a-z])rate[-_ ]?limit',
    'too many (?:requests|tokens)',
    'too_many_(?:requests|tokens)',
    'throttl',
    '请求(?:过于频繁|过多)',
  ],
  tokensAMinute: ['tokens?[-_ ](?:per|a)[-_ ]min(?:ute)?', '\\btpm\\b'],
  tokensADay: ['tokens? per day', '\\btpd\\b'],
  /** In a refusal for a limit: it ends with the day, or later. */
  day: ['(?:per|a|by)[-_ ]?day', 'daily', '\\b[rt]pd\\b', 'per 86400 ?s'],
  /** The same, under any status. */
  quota: [
    "today'?s quota",
    'daily (?:\\w+ )?(?:limit|quota)',
    'call volume quota',
    '(?:week|month)ly (?:\\w+ )?(?:limit|quota)',
    '(?:calls?|requests?|tokens?) ?(?:/|per|a) ?(?:week|month)',
    'usage limit reached for \\d+ ?(?:hour|day|week)',
  ],
  /** In a refusal for a limit: it is the model's, not the account's. */
  capacity: [
    'upstream',
    'high demand',
    'at (?:maximum )?capacity',
    'capacity (?:temporarily )?exceeded|capacity_exceeded|nocapacity',
    'overloaded',
    'no deployments available',
    'limit_rpm',
  ],
  /** Prompt, or prompt and answer, are longer than the model takes. */
  context: [
    'context_length_exceeded|tokens?_limit_(?:exceeded|reached)|exceed_context_size',
    "(?:max(?:imum)?|model'?s|available|exceeds?(?: the)?(?: model'?s)?) context[ _-]?(?:length|size|window|limit)",
    'context[ _-]?(?:length|size|window|limit) (?:(?:has been|is|was) )?(?:exceed|full|reached|overflow)',
    '(?:prompt|input|conversation|token length)(?: \\([\\d,]+ tokens\\))? (?:is )?too long',
    '(?:input|prompt) token count .{0,20}exceeds',
    'tokens? (?:\\([\\d,]+\\) )?exceeds? (?:the )?(?:context|configured limit|max_model_len)',
    'number of (?:input )?tokens exceeds|exceeds? (?:the )?maximum number of tokens|input tokens exceeded',
    'max(?:imum)? (?:allowed )?(?:prompt|input|sequence) length|(?:prompt|input) exceeds (?:the )?max(?:imum)? length',
    'exceeded model token limit|(?:max_context_len|prompt tokens \\(\\d+\\) and max_tokens)',
    'too many tokens: (?:total number|size limit)',
    '(?:too large|too long) for model with \\d+ maximum context',
    '`?max_new_tokens`? must be <=|`?inputs`? must have less than',
    'n_keep .{0,20}n_ctx',
    'context shift is disabled|input is too large to process',
    'context length of only \\d|greater than the context length|reached context length of \\d',
    'longer than the (?:maximum model length|model.s (?:maximum )?context)',
    'range of input length should be|input length of input_ids is \\d',
    'prompt_tokens .{0,20}must be less than|exceed max message tokens',
    'exceed max_num_tokens|max_total_tokens \\d+ exceeds',
    'max_tokens must be at least 1, got -|default_max_tokens \\(-',
    'reduce the length of the (?:messages|prompt|input)',
    '(?:输入|上下文|内容).{0,12}(?:过长|超长|超过.{0,8}(?:长度|限制))',
  ],
  /** This input, under the rules of whoever runs the model. */
  policy: [
    'flagged|moderation',
    'content[_ -]?(?:policy|filter|management)',
    'responsibleaipolicy|data_inspection_failed|prohibited_content',
    'usage polic(?:y|ies)',
    '(?:inappropriate|sensitive|unsafe) content|new_sensitive',
    '敏感内容|不安全',
  ],
  /** The account's own settings exclude whoever could answer. */
  settings: [
    'data polic(?:y|ies)|privacy_restricted',
    'settings/(?:privacy|preferences)',
    'no allowed providers|providers have been ignored',
    'provider you have enabled',
  ],
  /** Account, organisation or place: they may not ask, whatever the key. */
  account: [
    'organization_restricted|organization has been restricted',
    'account(?:_| (?:\\S+ )?(?:is|was|has been) )(?:suspended|deactivated|disabled|restricted|blocked|locked)',
    'location is not supported|unsupported_country|not available in your (?:country|region)',
    'virtual network/firewall rules',
    'terms_required|terms acceptance',
    'must be verified',
    'noautherror',
  ],
  key: [
    'api[_ -]?key[_ ](?:not valid|invalid|is invalid|(?:has )?expired)',
    '(?:invalid|incorrect)[_ ]api[_ -]?key',
    'access token (?:is )?(?:invalid|expired)',
  ],
  /** 404: no provider takes all that is sent. */
  parameters: ['\\b(?:handle|support) (?:all )?the (?:requested|given) parameters'],
  /** The messages as such: the template of the model has no place for them. */
  template: [
    'system role (?:is )?not supported',
    'chat template is no longer allowed|rendering prompt with jinja|roles must alternate',
  ],
  /** Whole answers, which are all that is asked for. */
  streaming: ['supports? stream(?:ing)? mode', 'must have stream ?=', 'stream must be (?:set to )?true'],
  thinking: ['enable_thinking must be'],
  model: [
    'model_not_found|invalid_model|model_decommissioned|model_deprecated|model_not_available',
    '\\bmodel\\b.{0,120}?(?:not (?:found|exist)|does not exist|not a valid|has been (?:decommissioned|deprecated|removed|retired)|is (?:deprecated|decommissioned|retired|no longer)|too large to be loaded)',
    '(?:invalid|unknown|no such) model',
    'not a valid model',
    '模型不存在',
  ],
  /** Nobody has loaded it, or it is not ready yet: that ends without a change of ours. */
  unloaded: [
    'no models? (?:is |are )?loaded|model unloaded|model is (?:still |being )?load(?:ing|ed)|loading model',
  ],
  /** 404, as the whole message: nothing is at the address. */
  nothingThere: [
    '^(?:404:? ?)?(?:page |path |route |url |resource |endpoint )?not found\\.?$',
    'cannot (?:post|get)\\b',
    'no (?:such )?route',
    'no reason given$',
  ],
  /** What is at the address is not what is asked for. */
  path: [
    'invalid url|unknown (?:url|path|request url|endpoint)|unrecognized request url|method not allowed',
    'unexpected endpoint',
    'missing required query parameter',
    'plain http request was sent to https port|sent an http request to an https server|speaking plain http to an ssl-enabled',
  ],
  /** Under a 4xx: the server's trouble all the same. */
  trouble: [
    'model (?:has )?crashed|degraded function|channel error|failed to load (?:the )?model',
    'temporarily unavailable|overloaded|no_db_connection',
    '(?:try|retry)(?: your request)?(?: again)? (?:later|shortly|in a (?:moment|few))',
    '稍后(?:再试|重试)',
  ],
} satisfies Record<string, readonly string[]>

/** What an endpoint may say is wrong. */
export type Wording = keyof typeof WORDINGS

const PATTERNS = Object.fromEntries(
  Object.entries(WORDINGS).map(([kind, parts]) => [kind, new RegExp(parts.join('|'), 'i')]),
) as Record<Wording, RegExp>

/** Beyond this an error is a page, or an echo of what was sent. */
const LONGEST = 10_000

/** Returns whether the words of an error speak of one of these kinds. */
export function speaksOf(words: string, ...kinds: Wording[]): boolean {
  const text = words.slice(0, LONGEST)
  return kinds.some((kind) => PATTERNS[kind].test(text))
}

/** HTTP statuses that words stand for where an error comes without one, the more telling first. */
const IMPLIED: readonly [number, readonly Wording[]][] = [
  [400, ['context']],
  [402, ['credit']],
  [429, ['rate', 'quota', 'tokensAMinute', 'tokensADay']],
  [404, ['path']],
  [403, ['account', 'settings']],
  [401, ['key']],
  [400, ['policy', 'template', 'streaming', 'thinking', 'model']],
]

/** Returns the HTTP status that the words of an error stand for; 502 where they stand for none. */
export function impliedStatus(words: string): number {
  return IMPLIED.find(([, kinds]) => speaksOf(words, ...kinds))?.[0] ?? 502
}
