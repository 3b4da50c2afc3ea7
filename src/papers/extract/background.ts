import { PAGE_OBJECT, type Pdfium } from './pdfium.js'

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

/** More objects than this are not looked at: drawings with many thousand strokes. */
const MAX_OBJECTS = 4000
const SCAN_SHARE = 0.6
const NEARLY_WHITE = 235

/** Returns the lazily filled probe of a loaded page. */
export function backgroundProbe(pdf: Pdfium, page: number, box: Rect): BackgroundProbe {
  let shapes: { dark: Rect[]; pictures: number } | null = null
  const read = (): { dark: Rect[]; pictures: number } => (shapes ??= readShapes(pdf, page))
  return {
    isDark: (x, y) => read().dark.some((r) => x >= r.left && x <= r.right && y >= r.bottom && y <= r.top),
    isScan: () => {
      const area = (box.right - box.left) * (box.top - box.bottom)
      return area > 0 && read().pictures / area >= SCAN_SHARE
    },
  }
}

function readShapes(pdf: Pdfium, page: number): { dark: Rect[]; pictures: number } {
  const { exports: api } = pdf
  const dark: Rect[] = []
  let pictures = 0
  const count = Math.min(api.FPDFPage_CountObjects(page), MAX_OBJECTS)
  for (let i = 0; i < count; i++) {
    const object = api.FPDFPage_GetObject(page, i)
    const type = api.FPDFPageObj_GetType(object)
    if (type === PAGE_OBJECT.text) continue
    if (type === PAGE_OBJECT.path && !isFilledDark(pdf, object)) continue
    const rect = boundsOf(pdf, object)
    dark.push(rect)
    if (type === PAGE_OBJECT.image) pictures += (rect.right - rect.left) * (rect.top - rect.bottom)
  }
  return { dark, pictures }
}

function isFilledDark(pdf: Pdfium, object: number): boolean {
  const { exports: api, scratchBehind: scratch } = pdf
  const at = scratch >> 2
  if (api.FPDFPath_GetDrawMode(object, scratch, scratch + 4) === 0) return false
  if (pdf.u32()[at] === 0) return false
  if (api.FPDFPageObj_GetFillColor(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0)
    return false
  const rgba = pdf.u32()
  const visible = rgba[at + 3]! > 0
  return visible && Math.min(rgba[at]!, rgba[at + 1]!, rgba[at + 2]!) < NEARLY_WHITE
}

function boundsOf(pdf: Pdfium, object: number): Rect {
  const { exports: api, scratchBehind: scratch } = pdf
  api.FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12)
  const f = pdf.f32()
  const at = scratch >> 2
  return { left: f[at]!, bottom: f[at + 1]!, right: f[at + 2]!, top: f[at + 3]! }
}
