import { saysWithdrawn } from '../text/withdrawal.js'
import { isNamed, type KnownPaper } from './other-paper.js'
import type { ExtractedPaper } from './types.js'

/** A notice has no more pages and letters; a paper of one page has more. */
const MAX_PAGES = 2
const MAX_LETTERS = 700
const MAX_EXCERPT = 120

/** What a host says instead of giving a paper, in the languages of its pages. */
const SAID = new RegExp(
  [
    String.raw`\b(?:access|permission)(?: to \S+(?: \S+){0,3})? (?:is |was |has been )?(?:denied|forbidden|blocked|restricted)`,
    String.raw`\b(?:quota|limit|rate|bandwidth)\b.{0,40}\b(?:exceeded|reached|exhausted)|\bexceeded\b.{0,40}\b(?:quota|limit|requests)|too many (?:requests|downloads)`,
    String.raw`\bcaptcha\b|\b(?:you are|are you) (?:not )?(?:an? )?(?:human|robot)\b|unusual (?:traffic|activity)|automated (?:access|requests|downloads)|security check`,
    String.raw`\b(?:please |must |need to |have to )(?:log|sign)[ -]?in\b|\b(?:log|sign)[ -]?in to (?:continue|your|view|access|read)|(?:forgot(?:ten)?|reset) (?:your )?password|session (?:has )?(?:expired|timed out)|shibboleth`,
    String.raw`\b(?:page|file|document|item|article|paper|pdf|content|resource|manuscript|full text) (?:you requested |requested )?(?:is |was |has been |could |can |cannot |are )?(?:temporarily |currently |no longer |not |be ){0,3}(?:available|unavailable|found|removed|withdrawn|deleted|retracted|moved|displayed|accessible)\b`,
    String.raw`\b(?:404|403) (?:error|not found|forbidden)|\berror (?:404|403|500|503)|service (?:temporarily )?unavailable|under maintenance|(?:enable|requires?) (?:javascript|cookies)`,
    String.raw`\b(?:subscription|purchase|payment) (?:is )?required|\b(?:do|does) not have (?:access|permission|a subscription)|not authori[sz]ed`,
    String.raw`acc[eè]s (?:refusé|interdit)|acceso (?:denegado|restringido)|acesso negado|zugriff (?:verweigert|nicht gestattet)|nicht (?:verfügbar|gefunden)|no (?:está )?disponible|n[’']est (?:pas|plus) disponible|indisponível|accesso negato|доступ (?:запрещ[её]н|ограничен)`,
    '访问被拒绝|验证码|请登录|訪問被拒絕|驗證碼|无法访问|アクセスが拒否|ログインして|접근이 거부|로그인',
  ].join('|'),
  'iu',
)

/**
 * Returns the words of a PDF that is a notice of its host, a refusal, a captcha, a page to log in, and names neither the title nor
 * an author of the paper; else null. A text with references or of more than some lines is a paper, whatever it says.
 */
export function noticeIn(known: KnownPaper, paper: ExtractedPaper): string | null {
  const text = shortTextOf(paper)
  if (text === null || !SAID.test(text) || isNamed(known, text)) return null
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT).trimEnd()} …` : text
}

/** Returns whether a PDF is a notice that the paper was withdrawn. */
export function isWithdrawal(paper: ExtractedPaper): boolean {
  return saysWithdrawn(shortTextOf(paper) ?? '')
}

/** Returns the text of a PDF as one line, null if it is longer than a notice. */
function shortTextOf(paper: ExtractedPaper): string | null {
  if (paper.pages > MAX_PAGES || paper.references.length > 0) return null
  const body = oneLine(paper.text.replace(/\[p\. \d+\]|^#+\s|^>\s/gmu, ' '))
  const text = body.includes(paper.front) ? body : oneLine(`${paper.front} ${body}`)
  return text.replace(/[^\p{L}\p{N}]/gu, '').length > MAX_LETTERS ? null : text
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}
