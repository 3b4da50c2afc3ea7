import { failsAlike } from './rules.js'

const WORDS: Readonly<Record<string, string>> = {
  pdf_rate_limited: 'the host of the PDFs asks for patience',
  pdf_source_unreachable: 'the host of the PDFs cannot be reached',
  pdf_download_failed: 'the download of the PDF failed',
  pdf_host_forbidden: 'the PDF was redirected to a host that is not allowed',
  pdf_empty: 'an empty file came for the PDF',
  pdf_is_html: 'a web page came for the PDF',
  pdf_not_a_pdf: 'something else came for the PDF',
  pdf_corrupt: 'the PDF came damaged',
  pdf_other_paper: 'the PDF of another paper, or a notice, came',
  rate_limited_upstream: "the model's provider is overrun",
  rate_limited_tokens: "the model's provider takes no more tokens for now",
  server_error: "the model's provider failed",
  timeout: 'the model gave no answer in time',
  connection_failed: 'the connection to the model broke',
  malformed_answer: 'what the model answered cannot be read',
  moderated: 'the model refused papers one after the other',
  filtered_answer: 'answers were withheld one after the other',
  truncated_answer: 'answers were cut by max_tokens one after the other',
  context_overflow: 'papers were too long for the model one after the other',
  context_too_small: 'papers fitted no model one after the other',
  bad_request: 'the endpoint refused the request for a reason that is not known',
  incomplete_report: 'reports stayed incomplete one after the other',
  empty_answer: 'the model gave an empty answer',
}

/** Returns in words why a paper waits that was put back with a failure class; of one that is not known, the class. */
export function waitWords(errorClass: string | null): string {
  if (errorClass === null) return 'put back'
  return WORDS[errorClass] ?? (failsAlike(errorClass) ? `papers failed alike (${errorClass})` : errorClass)
}
