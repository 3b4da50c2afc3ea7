import { describe, expect, it } from 'vitest'
import { pdfOfObjects } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const HEX = (text: string): string =>
  [...Array(text.length).keys()].map((i) => text.charCodeAt(i).toString(16).padStart(4, '0')).join('')

/**
 * A page in a font that says itself which letters its codes stand for: `letters` maps characters of the lines to
 * what they mean, in UTF-16.
 */
function pageOf(
  lines: readonly string[],
  letters: Readonly<Record<string, string>>,
  base = 'Courier',
  x = 72,
): Buffer {
  const map = Object.entries(letters).map(([c, text]) => `<${HEX(c).slice(2)}> <${HEX(text)}>`)
  const cmap =
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def\n' +
    `1 begincodespacerange <00> <ff> endcodespacerange\n${map.length} beginbfchar\n${map.join('\n')}\nendbfchar\nendcmap end end`
  const content = lines
    .map((line, i) => {
      const shown = line.endsWith(' TJ') ? line : `(${line.replace(/[\\()]/g, '\\$&')}) Tj`
      return `BT /F1 10 Tf 1 0 0 1 ${x} ${700 - 12 * i} Tm ${shown} ET`
    })
    .join('\n')
  const stream = (text: string): string => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
    `<< /Type /Font /Subtype /Type1 /BaseFont /${base} /Encoding /WinAnsiEncoding /ToUnicode 6 0 R >>`,
    stream(content),
    stream(cmap),
  ])
}

const PLAIN = [
  'the workers sleep for an hour and wake with old',
  'ideas of the world that they left behind them',
]

describe('letters', () => {
  it('mends ligatures, also where a word is broken behind one', async () => {
    const { text } = await readPdf(
      pageOf([...PLAIN, 'a de#nition of e$cient work and of di@-', 'cult $rst steps'], {
        '#': 'ﬁ',
        $: 'ﬃ',
        '@': 'ﬃ',
      }),
    )
    expect(text).toContain('a definition of efficient work')
    expect(text).not.toMatch(/[\uFB00-\uFB06]/)
  })

  it('reads the ligatures of both of TeX’s encodings where bitmap fonts name none', async () => {
    const letters = { '#': '\u001c', $: '\u001e', '@': '\u001b', '%': '\u000c' }
    const { text } = await readPdf(pageOf([...PLAIN, 'scienti#c and e$cient, o@ers a %rst step'], letters))
    expect(text).toContain('scientific and efficient, offers a first step')
  })

  it('reads the sign that some programs write for ff as that, in words alone', async () => {
    const { text } = await readPdf(
      pageOf([...PLAIN, 'di#erent e#orts, o#-line, press # twice'], { '#': '↵' }),
    )
    expect(text).toContain('different efforts, off-line, press ↵ twice')
  })

  it('leaves lone surrogates out and keeps letters beyond the first plane', async () => {
    const { text } = await readPdf(
      pageOf([...PLAIN, 'half # a pair, the other $ half, whole @ letter'], {
        '#': '\ud835',
        $: '\udc00',
        '@': '\ud835\udc9c',
      }),
    )
    expect(text).not.toMatch(/\p{Cs}/u)
    expect(text).toMatch(/half a pair, the other half, whole 𝒜 letter/)
  })

  it('leaves private characters and controls out', async () => {
    const { text } = await readPdf(pageOf([...PLAIN, 'one # two $ three'], { '#': '\ue123', $: '\u200b' }))
    expect(text).toContain('one two three')
  })

  it('reads Hebrew from right to left, numbers in it from left to right', async () => {
    // Set as it is seen: the last letter of the line comes first.
    const seen = (text: string): string => [...text].reverse().join('')
    const letters = Object.fromEntries(
      [...'abcdefghijklmnopqrstuvwxyz'].map((c, i) => [c, String.fromCharCode(0x5d0 + i)]),
    )
    const said = ['abc defg hij klmn opq', 'rst uvwx abcd efg hijk']
    const { text } = await readPdf(pageOf(said.map(seen), letters))
    const wanted = said.join(' ').replace(/[a-z]/g, (c) => letters[c]!)
    expect(text.replace(/\s+/g, ' ')).toContain(wanted)
  })

  it('reads Hebrew whose letters are drawn one by one towards the left', async () => {
    const letters = { a: 'ש', b: 'ל', c: 'ו', d: 'ם', e: 'ה', f: 'מ', g: 'ר', h: 'נ' }
    const said = ['abcd hfge bcd abce', 'fcge eabcf bgh abcd']
    // Within one operator: after each letter, back over it and over the next.
    const drawn = said.map((line) => `[${[...line].map((c) => `(${c})`).join(' 1200 ')}] TJ`)
    const { text } = await readPdf(pageOf(drawn, letters, 'Courier', 400))
    const wanted = said.join(' ').replace(/[a-h]/g, (c) => letters[c as keyof typeof letters])
    expect(text.replace(/\s+/g, ' ')).toContain(wanted)
  })
})
