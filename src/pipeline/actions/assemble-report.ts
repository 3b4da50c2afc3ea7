import { createHash } from 'node:crypto'
import { isoTime } from '../../core/clock.js'
import type { JsonObject } from '../../core/json.js'
import { requestsOfExecution } from '../../db/usage/usage.js'
import { WHOLE_REPORT } from '../../core/report-sections.js'
import { assembleReport } from '../../report/assemble.js'
import { collectSections } from '../../report/sections/collect.js'
import { isVoid } from '../../report/sections/completeness.js'
import { copiedBreaksOf } from '../../report/sections/copied-breaks.js'
import { applyCorrections } from '../../report/sections/corrections.js'
import { FactChecker } from '../../report/facts/fact-check.js'
import { aboutPaper } from '../../report/facts/about-paper.js'
import { indexPaper } from '../../report/paper/paper-index.js'
import { paperKind } from '../../report/paper/kind.js'
import type { Provenance, ReportNeighbor } from '../../report/report-input.js'
import { faultsOf, mainLanguage, severityOf } from '../../report/sections/section-faults.js'
import { named, tagsOf } from '../../report/terms/tags.js'
import type { Action } from '../../machines/types.js'
import { numberOrNull, objectOrEmpty, requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'
import { beforeReport, type Before } from './stored-report.js'

/**
 * Puts the answers together to a report, by code alone. Sets `report_body`, `frontmatter`, `quality`, `tags` and, for
 * the machine to decide on, `incomplete` (headings to write again: without a real body or, before a repair, with too
 * much that is not in the paper), `incomplete_count`, and `faults`: heading → what is wrong with it.
 */
export function assembleReportAction(services: ActionServices): Action {
  return async ({ context, executionId }) => {
    const paperText = requireText(context, 'paper_text')
    const withoutBreaks = copiedBreaksOf(paperText)
    const answerOf = (writer: string): string | null => {
      const answer = textOrNull(context, writer)
      return answer === null ? null : withoutBreaks(answer)
    }
    const answers = {
      key_outcome: answerOf('key_outcome'),
      why_hypotheses: answerOf('why_hypotheses'),
      reproduction_notes: answerOf('reproduction_notes'),
      open_questions: answerOf('open_questions'),
      limits_confidence: answerOf('limits_confidence'),
      [WHOLE_REPORT]: answerOf(WHOLE_REPORT),
    }
    const about = objectOrEmpty(context, 'paper')
    const title = textOrNull(context, 'title') ?? requireText(context, 'arxiv_id')
    const abstract = textOrNull(context, 'abstract')
    const neighbors = Array.isArray(context['corpus_neighbors'])
      ? (context['corpus_neighbors'] as ReportNeighbor[])
      : []
    const arxivId = requireText(context, 'arxiv_id')
    const checker = new FactChecker(
      indexPaper(paperText),
      aboutPaper({ arxiv_id: arxivId, title, abstract }, neighbors),
    )
    const judge = { checker, language: mainLanguage(Object.values(answers)) }
    const { sections: collected, sources } = collectSections(
      answers,
      [answerOf('earlier_repair_text'), answerOf('repair_text')],
      (heading, body) => severityOf(heading, body, judge),
    )
    const rewritten = [...sources].flatMap(([heading, source]) => (source === 'repair' ? [heading] : []))
    const sections = applyCorrections(collected, new Set(rewritten))
    const before = await beforeReport(services.db, executionId)
    const { canonical } = services.terminology()
    const found = tagsOf({
      title,
      abstract: abstract ?? '',
      authors: textOrNull(context, 'authors') ?? '',
      keywords: texts(about['keywords']),
      text: paperText,
    })
    const tagScores = named(found, canonical)
    const tags = tagScores.map(({ tag }) => tag)
    const report = assembleReport({
      paper: {
        arxiv_id: arxivId,
        version: numberOrNull(about, 'version'),
        title,
        authors: textOrNull(context, 'authors'),
        categories: textOrNull(about, 'categories'),
        published_at: textOrNull(about, 'published_at'),
        abstract,
        doi: textOrNull(about, 'doi'),
        arxiv_stamp: textOrNull(about, 'arxiv_stamp'),
        journal_ref: textOrNull(about, 'journal_ref'),
        license: textOrNull(about, 'license'),
        comment: textOrNull(about, 'comment'),
        retracted: about['retracted'] === true,
        affiliations: texts(about['affiliations']),
        keywords: texts(about['keywords']),
        pages: numberOrNull(about, 'pages'),
        reference_count: numberOrNull(context, 'reference_count'),
      },
      sections,
      sources,
      signals: objectOrEmpty(context, 'corpus_signals'),
      neighbors,
      tags,
      tag_scores: tagScores,
      kind: paperKind({ title, abstract: abstract ?? '', text: paperText }),
      provenance: await provenance(
        services,
        executionId,
        context,
        about,
        paperText,
        new Set(sources.values()),
        before,
      ),
      changes: before.changes,
      paper_text: paperText,
      checker,
    })
    // After one repair a section stands as it is, marked, unless it says nothing.
    const repaired = context['repaired'] === true
    const faults = faultsOf(sections, judge).filter(
      ({ heading }) => !repaired || isVoid(sections.get(heading)),
    )
    const incomplete = faults.map(({ heading }) => heading)
    return {
      ...context,
      report_body: report.markdown,
      frontmatter: report.frontmatter,
      quality: report.quality,
      tags,
      incomplete,
      incomplete_count: incomplete.length,
      faults: Object.fromEntries(faults.map(({ heading, reason }) => [heading, reason])),
      // What is no text about the paper is no help; the rest may be right but for what was not found.
      faulty: Object.fromEntries(
        faults.flatMap(({ heading, problem }) =>
          problem === 'ungrounded' ? [[heading, sections.get(heading) ?? '']] : [],
        ),
      ),
    }
  }
}

async function provenance(
  services: ActionServices,
  executionId: string,
  context: JsonObject,
  about: JsonObject,
  paperText: string,
  sources: ReadonlySet<string>,
  { earlier, redone_at }: Before,
): Promise<Provenance> {
  const now = services.clock.now()
  const work = objectOrEmpty(context, 'work')
  const asked: Record<string, string | null> = {
    ...(objectOrEmpty(context, 'models') as Record<string, string>),
    limits_confidence: textOrNull(context, 'limits_confidence_model'),
    repair: textOrNull(context, 'repair_model'),
  }
  const injection = Array.isArray(about['injection']) ? (about['injection'] as string[]) : []
  // Whoever was asked, and wrote nothing that stands here, is none of its writers.
  const writers = Object.fromEntries(Object.entries(asked).filter(([writer]) => sources.has(writer)))
  return {
    rpa_version: services.version,
    report_version: (earlier?.report_version ?? 0) + 1,
    earlier_report: earlier === null ? null : `${earlier.folder}/${earlier.name}`,
    pipeline: textOrNull(work, 'pipeline'),
    models: writers,
    requests: await requestsOfExecution(services.db, executionId, redone_at),
    config_versions: objectOrEmpty(work, 'config_versions') as Record<string, string>,
    duration_ms: (numberOrNull(work, 'spent_ms') ?? 0) + now - (numberOrNull(work, 'started_ms') ?? now),
    finished_at: isoTime(now),
    extractor: textOrNull(about, 'extractor'),
    text_sha256: createHash('sha256').update(paperText).digest('hex'),
    pdf_sha256: textOrNull(about, 'sha256'),
    pdf_source: textOrNull(about, 'source'),
    text_cut: textCut(context, about, writers),
    hidden_characters: numberOrNull(about, 'hidden_characters'),
    injection,
    repaired: sources.has('repair'),
  }
}

/** What prep left out of the stored text, no model was given; the rest was left out for one model or the other. */
function textCut(
  context: JsonObject,
  about: JsonObject,
  writers: Readonly<Record<string, string | null>>,
): Record<string, string[]> {
  const ofAll = texts(about['text_cut'])
  const own: JsonObject = {
    ...objectOrEmpty(context, 'text_cut'),
    limits_confidence: context['limits_confidence_text_cut'],
    repair: context['repair_text_cut'],
  }
  const asked = Object.keys(writers).filter((writer) => Boolean(writers[writer]))
  return Object.fromEntries(asked.map((writer) => [writer, [...new Set([...ofAll, ...texts(own[writer])])]]))
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
