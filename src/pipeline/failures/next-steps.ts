import type { FailureClass } from './rules.js'

interface NextStep {
  /** What mends it; `{id}` is a paper that failed so. Null: nothing but time. */
  mend: string | null
  /** Whether they may come to something when they are tried again. */
  again: boolean
}

const mend = (text: string): NextStep => ({ mend: text, again: true })
const only = (text: string): NextStep => ({ mend: text, again: false })
const AGAIN: NextStep = { mend: null, again: true }

const PUT = 'put its PDF into the PDF folder (pdf_dir)'
const FROM_ELSEWHERE = mend(`another copy may be sound: ${PUT}`)
const MODEL = mend('choose another model, or name one to fall back to (rpa models)')
const LONGER = mend('choose a model with a longer context (rpa models)')
const ACCOUNT = mend('see what the endpoint has against it (rpa doctor)')
const MACHINE = mend('see where it stopped (rpa log {id}) and check the files (rpa machine check)')
const DISK = mend('see to the disk (rpa doctor)')
const DATABASE = mend('see to the database (rpa db check)')

// prettier-ignore
/** What a person does about papers that failed, or that wait, with each class. */
const STEPS: Record<FailureClass, NextStep> = {
  rate_limited_minute: AGAIN, rate_limited_day: AGAIN, rate_limited_upstream: AGAIN, rate_limited_tokens: AGAIN,
  credit_short: ACCOUNT, payment_required: ACCOUNT, key_rejected: ACCOUNT, account_refused: ACCOUNT, proxy_login: ACCOUNT,
  unreachable: ACCOUNT, data_policy: ACCOUNT, endpoint_wrong: ACCOUNT, parameter_refused: ACCOUNT,
  model_gone: MODEL, moderated: MODEL, filtered_answer: MODEL,
  max_tokens_too_large: mend('lower max_tokens in profiles.yml'),
  body_too_large: mend('raise the limit for bodies of the proxy in between'),
  context_overflow: LONGER, context_too_small: LONGER,
  truncated_answer: mend('raise max_tokens in profiles.yml'),
  bad_request: mend('read what was refused (rpa log {id})'),
  server_error: AGAIN, timeout: AGAIN, connection_failed: AGAIN, malformed_answer: AGAIN, empty_answer: AGAIN,

  pdf_rate_limited: AGAIN, pdf_source_unreachable: AGAIN, pdf_download_failed: AGAIN, pdf_reader_closed: AGAIN,
  pdf_not_found: mend(`no host has it: ${PUT}`),
  pdf_withdrawn: only('it was withdrawn: leave it'),
  pdf_host_forbidden: mend('add its host to pdf_hosts'),
  pdf_empty: FROM_ELSEWHERE, pdf_is_html: FROM_ELSEWHERE, pdf_not_a_pdf: FROM_ELSEWHERE, pdf_corrupt: FROM_ELSEWHERE,
  pdf_other_paper: mend(`${PUT}, or take the one there is (pdf_other)`),
  pdf_too_large: mend('raise pdf_max_megabytes'),
  pdf_too_many_pages: mend('raise pdf_max_pages'),
  pdf_encrypted: mend('put a copy without password into the PDF folder (pdf_dir)'),
  pdf_no_text: mend('put a copy with text (OCR) into the PDF folder (pdf_dir)'),
  pdf_timeout: FROM_ELSEWHERE, pdf_crashed: FROM_ELSEWHERE,

  bad_arxiv_id: only('no paper has this id: seed it by its own (rpa seed ID)'),
  paper_text_missing: AGAIN, analysis_missing: AGAIN,
  // Only papers that are named are tried again after so many tries.
  too_many_attempts: only('see what it does to the process (rpa log {id}); then rpa retry {id}'),

  machine_failed: MACHINE, all_children_failed: MACHINE, child_failed: MACHINE, context_lost: MACHINE, context_missing: MACHINE,
  max_steps: MACHINE, max_time: MACHINE, no_transition: MACHINE, not_a_map: MACHINE, not_json: MACHINE, template_failed: MACHINE,
  too_large: MACHINE, unknown_action: MACHINE, unknown_state: MACHINE,
  offline_unknown_agent: mend('give this agent a profile with a model'),

  report_write_failed: DISK, disk_full: DISK, disk_read_only: DISK, disk_failing: DISK, data_folder: DISK, too_many_files: DISK,
  permission_denied: DISK, disk_error: DISK, db_disk_full: DISK,
  db_corrupt: DATABASE, db_read_only: DATABASE, db_cannot_open: DATABASE, db_schema: DATABASE, db_replaced: DATABASE,
  db_locked: AGAIN, db_busy: AGAIN, db_unreachable: DATABASE,
  sqlite_binary: mend('install it anew with this Node (rpa doctor)'),

  budget_spent: AGAIN, budget_kept: AGAIN, no_time_left: AGAIN, aborted: AGAIN, lease_lost: AGAIN,
  config: mend('correct the configuration (rpa config check)'),
  internal: mend('see why (rpa log {id})'),
}

/** Classes that machine files name. */
const OF_MACHINES: Readonly<Record<string, NextStep>> = { incomplete_report: MODEL }

/**
 * Returns what to do about papers that failed with a class, one line; of one that is not known, how to see why.
 *
 * @param id of one of them.
 * @param retry the command that tries them again.
 */
export function nextStep(
  errorClass: string,
  id: string,
  retry = `rpa retry --error-class ${errorClass}`,
): string {
  const known = Object.hasOwn(STEPS, errorClass) ? STEPS[errorClass as FailureClass] : OF_MACHINES[errorClass]
  const { mend: first, again } = known ?? STEPS.internal
  if (first === null) return retry
  return `${first.replaceAll('{id}', id)}${again ? `; then ${retry}` : ''}`
}
