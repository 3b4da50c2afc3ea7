import { REPORT_SECTIONS } from '../../src/core/report-sections.js'
import type { ModelCall, ModelReply } from './model-server.js'
import { startModelServer } from './model-server.js'
import { writeAnswer } from './model-writer.js'

/** One request as the pipeline means it. */
export interface Question {
  call: ModelCall
  model: string
  authorization: string | undefined
  /** Sections the prompt asks for. */
  headings: string[]
  /** Whose question it is: a writer's name, or `repair`. */
  writer: string
  /** Title of the paper it is about. */
  title: string
}

/** Says how one question is answered; undefined: well. */
export type Script = (question: Question) => ModelReply | undefined

export interface ModelQuestions {
  url: string
  /** Every question, in the order of arrival. */
  requests: Question[]
  /** Questions whose connection or answer ended. */
  closed: Question[]
  /** Replaces how questions are answered from now on; without one all are answered well. */
  script(script?: Script): void
  /** Forgets what was seen, and the script. */
  reset(): void
  /** Resolves when the condition holds; it is looked at whenever a question comes or ends. */
  until(holds: () => boolean): Promise<void>
  close(): Promise<void>
}

/** Starts a stand-in for a model endpoint that knows the pipeline's questions. Answers name `MODEL@stand-in` as the model. */
export async function startModels(): Promise<ModelQuestions> {
  let script: Script = () => undefined
  const waiting = new Set<() => void>()
  const requests: Question[] = []
  const closed: Question[] = []
  const look = (): void => waiting.forEach((check) => check())
  const server = await startModelServer((call) => {
    const question = questionOf(call)
    requests.push(question)
    void call.closed.then(() => {
      closed.push(question)
      look()
    })
    look()
    return { completion: { model: `${question.model}@stand-in` }, ...script(question) }
  })
  return {
    url: server.url,
    requests,
    closed,
    script: (next = () => undefined) => void (script = next),
    reset: () => {
      requests.length = closed.length = 0
      script = () => undefined
    },
    until: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!holds()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    close: () => server.close(),
  }
}

function questionOf(call: ModelCall): Question {
  const { prompt } = call
  const asked = prompt.slice(prompt.lastIndexOf('</paper>'))
  const headings = headingsIn(asked)
  const owner = REPORT_SECTIONS.find(({ heading }) => headings.includes(heading))?.writer ?? 'unknown'
  return {
    call,
    model: call.body.model,
    authorization: call.headers.authorization,
    headings,
    writer: /\blacks the sections\b/.test(asked) ? 'repair' : owner,
    title: /^\s*Title: (.+)$/m.exec(prompt.slice(prompt.indexOf('<paper>')))?.[1]?.trim() ?? '',
  }
}

function headingsIn(prompt: string): string[] {
  return [...prompt.matchAll(/^[ \t]*- ## (.+?)\s*$/gm)].map((match) => match[1] ?? '')
}

/** Returns a good answer without the sections of these headings. */
export function answerWithout(question: Question, headings: readonly string[]): string {
  const sections = writeAnswer(question.call.prompt).split(/^(?=## )/m)
  return sections
    .filter((section) => !headings.some((heading) => section.startsWith(`## ${heading}\n`)))
    .join('')
}
