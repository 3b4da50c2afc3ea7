import { describe, expect, it } from 'vitest'
import { pagesOf, stream } from '../support/bad-pdfs.js'
import { makePdf, lines, pdfOfObjects, wrap } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const ENGLISH =
  'We study leases for shared work queues and show that a fencing token keeps a stalled worker from writing twice. In ' +
  'twelve experiments the median delay of a takeover was three hundred milliseconds, and no update was lost. The cost is ' +
  'one extra column and one comparison for every write made. Earlier systems relied on clocks that agree, which we do not ' +
  'assume here. Our proof covers crashes, pauses and clock jumps of any finite length.'

const rows = (text: string): string => wrap(text, 70).join('\n')
const plain = (text: string, pages = 1): Buffer =>
  makePdf(Array.from({ length: pages }, () => lines(wrap(text, 70), { x: 72, y: 700 })))

/** A page whose characters are set by their code points; `toUnicode` says what they are. */
function byCodePoint(text: string, toUnicode: string, extra: readonly string[] = []): Buffer {
  const hex = (row: string): string =>
    [...row].map((c) => c.codePointAt(0)!.toString(16).padStart(4, '0')).join('')
  const content = text
    .split('\n')
    .map((row, i) => `BT /F1 10 Tf 72 ${700 - 14 * i} Td <${hex(row)}> Tj ET`)
    .join('\n')
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    stream(content),
    `<< /Type /Font /Subtype /Type0 /BaseFont /Letters /Encoding /Identity-H /DescendantFonts [6 0 R] ${toUnicode} >>`,
    '<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Letters /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) ' +
      '/Supplement 0 >> /DW 600 /FontDescriptor 7 0 R >>',
    '<< /Type /FontDescriptor /FontName /Letters /Flags 4 /FontBBox [0 -200 600 800] /ItalicAngle 0 /Ascent 800 ' +
      '/Descent -200 /CapHeight 700 /StemV 80 >>',
    ...extra,
  ])
}

const CMAP = stream(
  '/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def\n' +
    '1 begincodespacerange <0000> <ffff> endcodespacerange\n' +
    `256 beginbfrange ${Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))
      .map((high) => `<${high}00> <${high}ff> <${high}00>`)
      .join('\n')} endbfrange endcmap end end`,
)
const named = (text: string): Buffer => byCodePoint(text, '/ToUnicode 8 0 R', [CMAP])

const moved = (text: string, by: number): string =>
  text.replace(/[a-z]/gi, (c) => {
    const first = c < 'a' ? 65 : 97
    return String.fromCharCode(first + ((c.charCodeAt(0) - first + by + 26) % 26))
  })
const mapped = (text: string, map: (code: number) => number): string =>
  text.replace(/\S/g, (c) => String.fromCodePoint(map(c.charCodeAt(0))))
/** As programs number the glyphs of a font: in the order in which they are first used. */
function numbered(text: string, from: number): string {
  const order = [...new Set(text.replace(/\s/g, ''))]
  return text.replace(/\S/g, (c) => String.fromCodePoint(from + order.indexOf(c)))
}

/** Letters whose font calls them ligatures. */
function ligatures(text: string): Buffer {
  const names = Array.from({ length: 26 }, (_, i) => ['/ff', '/fi', '/fl', '/ffi', '/ffl'][i % 5])
  const font =
    '<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding ' +
    `/Differences [97 ${names.join(' ')}] >> >>`
  const content = wrap(text, 70).map((row, i) => `BT /F 10 Tf 72 ${700 - 14 * i} Td (${row}) Tj ET`)
  return pagesOf(stream(content.join('\n')), 1, font)
}

/** As Distiller writes bitmap fonts: glyphs called by their codes, `A0` to `ZZ`, of which `CR` and `CL` are names elsewhere. */
function bitmaps(text: string): Buffer {
  const codes = Array.from({ length: 94 }, (_, i) => 33 + i)
  const nameOf = (code: number): string =>
    `/${'ABCD'[Math.floor(code / 36)]}${(code % 36).toString(36).toUpperCase()}`
  const content = wrap(text, 70).map((row, i) => {
    const hex = Buffer.from(row, 'latin1').toString('hex')
    return `BT /F 10 Tf 72 ${700 - 14 * i} Td <${hex}> Tj ET`
  })
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>',
    stream(content.join('\n')),
    '<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 32 /LastChar 126 ' +
      `/Widths [${'600 '.repeat(95)}] /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [33 ` +
      `${codes.map(nameOf).join(' ')}] >> /CharProcs << ${codes.map((c) => `${nameOf(c)} 6 0 R`).join(' ')} >> >>`,
    stream('600 0 0 0 500 700 d1 0 0 500 700 re f'),
  ])
}

it('is read where glyphs are called by their numbers, and a number is a name of another sign', async () => {
  const { text } = await readPdf(bitmaps(`${ENGLISH} [Author, 1993] says such facts.`))
  expect(text).toContain('In twelve experiments the median delay of a takeover was three hundred')
  expect(text).toContain('Our proof covers crashes, pauses and clock jumps')
  expect(text).toContain('[Author, 1993] says such facts.')
})

describe('text that is no language', () => {
  it.each<[string, Buffer]>([
    ['letters that are called ligatures', ligatures(ENGLISH)],
    ['letters moved on by one', plain(moved(ENGLISH, 1))],
    ['letters moved back by three', plain(moved(ENGLISH, -3))],
    ['letters moved half round', plain(moved(ENGLISH, 13))],
    [
      'the numbers of glyphs in TrueType fonts',
      named(mapped(rows(ENGLISH), (code) => Math.max(33, code - 29))),
    ],
    ['glyphs numbered in the order of their use', plain(numbered(ENGLISH, 33))],
    ['numbers of glyphs that are accented letters', named(numbered(rows(ENGLISH), 0x100))],
    ['characters of the private use area', named(mapped(rows(ENGLISH), (code) => 0xf000 + code))],
    ['replacement characters', named(mapped(rows(ENGLISH), () => 0xfffd))],
    ['Cyrillic read as Latin', named(mapped(rows(ENGLISH), (code) => 0xc0 + (code % 64)))],
  ])('is refused as such: %s', async (_name, file) => {
    await expect(readPdf(file)).rejects.toThrow(
      expect.objectContaining({
        code: 'pdf_no_text',
        message: 'the text of test.pdf cannot be read: its fonts do not say which letters their glyphs are',
      }) as Error,
    )
  })

  it('is refused where one page of many can be read, and read where one cannot', async () => {
    const page = (text: string) => lines(wrap(text, 70), { x: 72, y: 700 })
    const [good, bad] = [page(ENGLISH), page(moved(ENGLISH, 5))]
    await expect(readPdf(makePdf([good, bad, bad, bad, bad]))).rejects.toThrow(/cannot be read/)
    expect((await readPdf(makePdf([good, good, good, bad]))).text).toContain('update was lost')
  })
})

const TEXTS: Record<string, string> = {
  German:
    'Wir untersuchen Fristen für gemeinsame Arbeitslisten und zeigen, dass eine Marke einen stehengebliebenen Arbeiter daran ' +
    'hindert, zweimal zu schreiben. In zwölf Versuchen betrug die mittlere Verzögerung dreihundert Millisekunden.',
  French:
    'Nous étudions les baux pour des files de travail partagées et montrons qu’un jeton empêche un ouvrier arrêté d’écrire ' +
    'deux fois. Dans douze expériences le délai médian était de trois cents millisecondes, sans aucune perte.',
  Polish:
    'Badamy dzierżawy dla wspólnych kolejek zadań i pokazujemy, że znacznik powstrzymuje zatrzymanego pracownika przed ' +
    'dwukrotnym zapisem. W dwunastu doświadczeniach średnie opóźnienie przejęcia wynosiło trzysta milisekund.',
  Finnish:
    'Tutkimme jaettujen työjonojen vuokrauksia ja osoitamme, että aitaava tunniste estää pysähtynyttä työntekijää ' +
    'kirjoittamasta kahdesti. Kahdessatoista kokeessa keskimääräinen viive oli kolmesataa millisekuntia.',
  Vietnamese:
    'Chúng tôi nghiên cứu hợp đồng thuê cho hàng đợi công việc dùng chung và cho thấy rằng một mã thông báo ngăn một công ' +
    'nhân bị treo ghi hai lần. Trong mười hai thí nghiệm, độ trễ trung vị là ba trăm mili giây.',
  Basque:
    'Lan ilara partekatuetarako alokairuak aztertzen ditugu eta erakusten dugu hesi token batek gelditutako langile bat bi ' +
    'aldiz idaztea galarazten duela. Hamabi esperimentutan atzerapen mediana hirurehun milisegundokoa izan zen.',
  Chinese:
    '我们研究共享工作队列的租约并表明一个令牌可以防止停滞的工人写两次。在十二个实验中接管的中位延迟是三百毫秒没有丢失任何更新。' +
    '成本是一个额外的列和每次写入的一次比较。以前的系统依赖于一致的时钟而我们在这里不作此假设。'.repeat(2),
  Japanese:
    'この論文では共有された作業の待ち行列の借用を調べ、止まった作業者が二度書くことを防ぐ印を示す。'.repeat(
      4,
    ),
  Russian:
    'Мы исследуем аренду для общих очередей работ и показываем, что метка не даёт остановленному рабочему писать дважды. В ' +
    'двенадцати опытах средняя задержка перехвата составила триста миллисекунд, и ни одно изменение не потеряно.',
  Greek:
    'Μελετούμε μισθώσεις για κοινές ουρές εργασίας και δείχνουμε ότι ένα σήμα εμποδίζει έναν σταματημένο εργάτη να γράψει ' +
    'δύο φορές. Σε δώδεκα πειράματα η μέση καθυστέρηση ήταν τριακόσια χιλιοστά του δευτερολέπτου.',
  Hebrew: 'אנו חוקרים חכירות עבור תורי עבודה משותפים ומראים שאסימון מונע מעובד שנעצר לכתוב פעמיים '.repeat(3),
}

/** Without spaces: the font that stands in for one that is not embedded has other widths. */
const packed = (text: string): string => text.normalize('NFC').replace(/\s+/g, '')

describe('a text that must be read', () => {
  it.each(Object.entries(TEXTS))('%s', async (_language, text) => {
    const body = text.length > 90 && /\s/.test(text) ? rows(text) : text.match(/.{1,35}/gu)!.join('\n')
    const read = packed((await readPdf(named(body))).text)
    const first = packed(text.slice(0, 9))
    // Letters that run to the left are set here as if they ran to the right.
    expect([read.includes(first), read.includes([...first].reverse().join(''))]).toContain(true)
  })

  it('whose map of characters is given as a name', async () => {
    const { text } = await readPdf(byCodePoint(rows(ENGLISH), '/ToUnicode /Identity-H'))
    expect(packed(text)).toContain('afencingtokenkeepsastalledworkerfromwritingtwice')
    expect((await readPdf(byCodePoint(rows(TEXTS['Greek']!), '/ToUnicode /Identity-H'))).text).toContain(
      'μισθώσεις',
    )
  })

  it('whose map of characters is missing, if its codes are those of the letters', async () => {
    const { text } = await readPdf(byCodePoint(rows(ENGLISH), ''))
    expect(packed(text)).toContain('afencingtokenkeepsastalledworkerfromwritingtwice')
  })

  it.each<[string, string]>([
    [
      'code',
      'def claim(queue, worker, now): job = queue.first(lambda j: j.lease_until < now) if job is None: return None; ' +
        'job.fencing_token += 1; job.owner_id = worker.ident; session.commit(); logger = logging.getLogger(__name__); ' +
        'class LeaseExpired(RuntimeError): def __init__(self, job): super().__init__(job.execution_id); import sqlite3',
    ],
    [
      'formulas',
      'f(x) = ax^2 + bx + c, g(x, y) = sin(xy) + cos(zw), P(X|Y) = P(Y|X)P(X)/P(Y), E[x_t] = m_t + b_t z_t, ' +
        'd/dt q = p/m, H(p, q) = p^2/2m + V(q), (a+b)(c+d) = ac + ad + bc + bd, x_{n+1} = r x_n (1 - x_n), u_tt = c u_xx',
    ],
    ['numbers', '0.123 4.567 8.901 2.345 6.789 0.123 4.567 8.901 2.345 6.789 12 34 56 78 90 '.repeat(6)],
    ['genes', 'ACGTTGCAACGT GGCATTACGGAT TTGACCATGCAA CCGATAGGCTTA ATGCCGTAAGCT GATTACAGATTA '.repeat(6)],
    ['one word again and again', 'Test test TEST xxx XXXX '.repeat(20)],
  ])('with little but %s', async (_name, text) => {
    expect((await readPdf(plain(text))).text.length).toBeGreaterThan(200)
  })
})
