import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import sax, { type SAXOptions, type SAXParser } from 'sax'
import type { Found, RecordScanner } from './types.js'
import { MAX_RECORD_BYTES, NO_UTF8 } from './values.js'

/** An element of a document, named without its prefix. */
export interface XmlElement {
  name: string
  attributes: Readonly<Record<string, string>>
  nodes: (XmlElement | string)[]
}

/** Nothing of arXiv's nests or attributes like this; a file that does is an attack. */
const MAX_DEPTH = 64
const MAX_ATTRIBUTES = 64
/** Without it the parser knows HTML's entities, too. */
const OPTIONS: SAXOptions & { strictEntities: true } = { strictEntities: true }

/**
 * Returns a scanner for the elements with the given names, at any depth, as trees. The parser is strict and knows no entities
 * but XML's own five: nothing is ever loaded or expanded. An element that is broken is passed over; what nests too deep or
 * grows too large ends the reading.
 */
export function elementScanner(names: ReadonlySet<string>): RecordScanner<XmlElement> {
  return new ElementScanner(names)
}

/** Returns the text in an element and all below it. */
export function textOf(element: XmlElement | undefined): string {
  return (element?.nodes ?? []).map((node) => (typeof node === 'string' ? node : textOf(node))).join('')
}

/** Returns the children with a name, in their order. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return (element?.nodes ?? []).flatMap((node) =>
    typeof node !== 'string' && node.name === name ? node : [],
  )
}

/** Returns the first child with a name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return childrenOf(element, name)[0]
}

class ElementScanner implements RecordScanner<XmlElement> {
  readonly #names: ReadonlySet<string>
  readonly #parser: SAXParser
  #decoder: TextDecoder | null = null
  #found: Found<XmlElement>[] = []
  /** Open elements around what is looked for. */
  #around = 0
  /** Open elements of what was found, outermost first. */
  #open: XmlElement[] = []
  #line = 1
  #size = 0
  #fault: string | null = null
  /** A record was not closed: what is around it is not closed in its order, either. */
  #unclosed = false
  /** What is wrong between two elements is told once. */
  #told = false
  #over = false
  /** The document says or means UTF-8, and these bytes are none. */
  #garbles = false

  constructor(names: ReadonlySet<string>) {
    this.#names = names
    this.#parser = sax.parser(true, OPTIONS)
    this.#parser.onopentag = ({ name, attributes }) => this.#opened(localName(name), attributes)
    this.#parser.onclosetag = () => this.#closed()
    this.#parser.ontext = (text) => this.#text(text)
    this.#parser.oncdata = (text) => this.#text(text)
    this.#parser.onerror = (error) => this.#failed(error)
  }

  push(chunk: Buffer): Found<XmlElement>[] {
    this.#decoder ??= decoderOf(chunk)
    this.#garbles = this.#decoder.encoding === 'utf-8' && !isUtf8(wholeLetters(chunk))
    if (!this.#over) this.#write(this.#decoder.decode(chunk, { stream: true }))
    return this.#taken()
  }

  end(): Found<XmlElement>[] {
    if (this.#over) return []
    if (this.#open.length > 0) this.#tell(this.#line, 'the file ends in the middle of a record')
    else if (this.#around > 0) this.#tell(this.#parser.line + 1, 'the file ends before the document does')
    return this.#taken()
  }

  /** In parts: the parser looks at its buffers once a part. */
  #write(text: string): void {
    for (let start = 0; start < text.length && !this.#over; start += PART) {
      this.#parser.write(text.slice(start, start + PART))
    }
  }

  #opened(name: string, attributes: Record<string, unknown>): void {
    const depth = this.#around + this.#open.length
    if (depth >= MAX_DEPTH) this.#giveUp(`elements nest deeper than ${MAX_DEPTH}`)
    if (Object.keys(attributes).length > MAX_ATTRIBUTES)
      this.#giveUp(`an element has more than ${MAX_ATTRIBUTES} attributes`)
    if (this.#over) return
    if (name === this.#open[0]?.name) this.#restart()
    if (this.#open.length === 0) {
      if (!this.#names.has(name)) {
        this.#around++
        return
      }
      this.#line = this.#parser.line + 1
      this.#size = 0
      this.#fault = null
      this.#told = false
    }
    const element: XmlElement = { name, attributes: strings(attributes), nodes: [] }
    this.#grow(NODE_SIZE)
    if (this.#fault === null) this.#open.at(-1)?.nodes.push(element)
    this.#open.push(element)
  }

  /** One that is not closed ends where the next begins. */
  #restart(): void {
    this.#tell(this.#line, this.#fault ?? 'the record is not closed')
    this.#around += this.#open.length
    this.#open = []
    this.#unclosed = true
  }

  #closed(): void {
    if (this.#over) return
    const element = this.#open.pop()
    if (element === undefined) this.#around--
    if (element === undefined || this.#open.length > 0) return
    if (this.#fault === null) this.#found.push({ line: this.#line, content: element })
    else this.#tell(this.#line, this.#fault)
  }

  #text(text: string): void {
    this.#grow(text.length)
    if (this.#garbles && this.#open.length > 0 && text.includes('\uFFFD'))
      this.#fault ??= `the record is ${NO_UTF8}`
    if (this.#fault === null) this.#open.at(-1)?.nodes.push(text)
  }

  #grow(size: number): void {
    if (this.#open.length === 0) return
    this.#size += size
    if (this.#size <= MAX_RECORD_BYTES) return
    this.#fault = `the record is longer than ${MAX_RECORD_BYTES} bytes`
    const [outermost] = this.#open
    if (outermost !== undefined) outermost.nodes = []
  }

  #failed(error: Error): void {
    this.#parser.resume()
    const [what = ''] = error.message.split('\n')
    if (/^Max buffer length/.test(what))
      return this.#giveUp('a name or a value is longer than any of arXiv’s')
    // Documents one behind another are read like one.
    if (/^Text data outside of root node/.test(what) && this.#around + this.#open.length > 0) return
    if (/^Unexpected close tag/.test(what) && this.#open.length === 0 && this.#unclosed) return
    const problem = `broken XML: ${what.replace(/\.$/, '').toLowerCase()}`
    if (this.#open.length > 0) this.#fault ??= problem
    else if (!this.#told) {
      this.#told = true
      this.#tell(this.#parser.line + 1, problem)
    }
  }

  #giveUp(problem: string): void {
    if (this.#over) return
    this.#over = true
    this.#open = []
    this.#tell(this.#parser.line + 1, `${problem}; nothing behind it is read`)
  }

  #tell(line: number, problem: string): void {
    this.#found.push({ line, problem, reason: problem })
  }

  #taken(): Found<XmlElement>[] {
    const found = this.#found
    this.#found = []
    return found
  }
}

const PART = 64 * 1024
/** What an element takes beside its text, about. */
const NODE_SIZE = 128

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function strings(attributes: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(attributes).map(([name, value]) => [localName(name), String(value)])
  return Object.fromEntries(entries) as Record<string, string>
}

/** Without the letters that lie half in the chunk before or behind. */
function wholeLetters(chunk: Buffer): Buffer {
  let start = 0
  while (start < 3 && isContinuation(chunk[start])) start++
  let end = chunk.length
  while (chunk.length - end < 3 && isContinuation(chunk[end - 1])) end--
  if ((chunk[end - 1] ?? 0) >= 0xc0) end--
  else end = chunk.length
  return chunk.subarray(start, end)
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** UTF-8, unless the document says otherwise in its first line. */
function decoderOf(beginning: Buffer): TextDecoder {
  const head = beginning.subarray(0, 200).toString('latin1')
  const named = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(named)
  } catch {
    return new TextDecoder()
  }
}
