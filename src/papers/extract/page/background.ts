import { PAGE_OBJECT, type Pdfium } from '../pdfium/pdfium.js'

/** What lies behind the text of a page, looked up only where text is white or drawn invisibly. */
export interface BackgroundProbe {
  /** True if something that is not white is painted behind the point. */
  isDark(x: number, y: number): boolean
  /** True if pictures cover most of the page: invisible text is then the reading of a scan. */
  isScan(): boolean
}

interface Rect {
  left: number
  bottom: number
  right: number
  top: number
}

interface Shape extends Rect {
  dark: boolean
}

/** In the order of drawing. */
interface Shapes {
  all: Shape[]
  /** Area under pictures. */
  pictures: number
}

/** From the space of an object to the page's: a, b, c, d, e, f of the PDF specification. */
type Matrix = readonly [number, number, number, number, number, number]

/** More objects than this are not looked at: drawings with many thousand strokes. */
const MAX_OBJECTS = 4000
/** Forms within forms are looked into so far. */
const MAX_DEPTH = 4
const SCAN_SHARE = 0.6
const NEARLY_WHITE = 235

/** Returns the lazily filled probe of a loaded page. */
export function backgroundProbe(pdf: Pdfium, page: number, box: Rect): BackgroundProbe {
  let shapes: Shapes | null = null
  const read = (): Shapes => (shapes ??= readShapes(pdf, page))
  return {
    isDark: (x, y) =>
      read().all.findLast((r) => x >= r.left && x <= r.right && y >= r.bottom && y <= r.top)?.dark ?? false,
    isScan: () => {
      const area = (box.right - box.left) * (box.top - box.bottom)
      return area > 0 && read().pictures / area >= SCAN_SHARE
    },
  }
}

function readShapes(pdf: Pdfium, page: number): Shapes {
  const { exports: api } = pdf
  const shapes: Shapes = { all: [], pictures: 0 }
  const reader = new ShapeReader(pdf, shapes)
  reader.read(api.FPDFPage_CountObjects(page), (i) => api.FPDFPage_GetObject(page, i), null, 0)
  return shapes
}

class ShapeReader {
  #left = MAX_OBJECTS

  readonly #pdf: Pdfium
  readonly #shapes: Shapes

  constructor(pdf: Pdfium, shapes: Shapes) {
    this.#pdf = pdf
    this.#shapes = shapes
  }

  /** `matrix`: of the form that the objects are in; null on the page itself. */
  read(count: number, objectAt: (i: number) => number, matrix: Matrix | null, depth: number): void {
    const { exports: api } = this.#pdf
    for (let i = 0; i < count && this.#left > 0; i++) {
      this.#left -= 1
      const object = objectAt(i)
      const type = api.FPDFPageObj_GetType(object)
      if (type === PAGE_OBJECT.text) continue
      if (type === PAGE_OBJECT.form && depth < MAX_DEPTH) {
        const inner = combined(matrixOf(this.#pdf, object), matrix)
        const at = (k: number): number => api.FPDFFormObj_GetObject(object, k)
        this.read(api.FPDFFormObj_CountObjects(object), at, inner, depth + 1)
        continue
      }
      const fill = type === PAGE_OBJECT.path ? fillOf(this.#pdf, object) : 'dark'
      if (fill === null) continue
      const rect = placed(boundsOf(this.#pdf, object), matrix)
      this.#shapes.all.push({ ...rect, dark: fill === 'dark' })
      if (type === PAGE_OBJECT.image) {
        this.#shapes.pictures += (rect.right - rect.left) * (rect.top - rect.bottom)
      }
    }
  }
}

/** Returns what a path paints its area with; null if with nothing. */
function fillOf(pdf: Pdfium, object: number): 'dark' | 'white' | null {
  const { exports: api, scratchBehind: scratch } = pdf
  const at = scratch >> 2
  if (api.FPDFPath_GetDrawMode(object, scratch, scratch + 4) === 0) return null
  if (pdf.u32()[at] === 0) return null
  if (api.FPDFPageObj_GetFillColor(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return null
  const rgba = pdf.u32()
  if (rgba[at + 3] === 0) return null
  return Math.min(rgba[at]!, rgba[at + 1]!, rgba[at + 2]!) < NEARLY_WHITE ? 'dark' : 'white'
}

function matrixOf(pdf: Pdfium, object: number): Matrix {
  const { exports: api, scratchBehind: scratch } = pdf
  if (api.FPDFPageObj_GetMatrix(object, scratch) === 0) return [1, 0, 0, 1, 0, 0]
  const f = pdf.f32()
  const at = scratch >> 2
  return [f[at]!, f[at + 1]!, f[at + 2]!, f[at + 3]!, f[at + 4]!, f[at + 5]!]
}

/** The matrix that does what `inner` does, then `outer`. */
function combined(inner: Matrix, outer: Matrix | null): Matrix {
  if (outer === null) return inner
  const [a, b, c, d, e, f] = inner
  const [p, q, r, s, t, u] = outer
  return [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u]
}

function placed(rect: Rect, matrix: Matrix | null): Rect {
  if (matrix === null) return rect
  const [a, b, c, d, e, f] = matrix
  const corners = [rect.left, rect.right].flatMap((x) =>
    [rect.bottom, rect.top].map((y) => [a * x + c * y + e, b * x + d * y + f] as const),
  )
  const xs = corners.map(([x]) => x)
  const ys = corners.map(([, y]) => y)
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) }
}

function boundsOf(pdf: Pdfium, object: number): Rect {
  const { exports: api, scratchBehind: scratch } = pdf
  api.FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12)
  const f = pdf.f32()
  const at = scratch >> 2
  return { left: f[at]!, bottom: f[at + 1]!, right: f[at + 2]!, top: f[at + 3]! }
}
