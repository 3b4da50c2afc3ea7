import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { qualityPage } from '../../src/cli/render/quality-page.js'
import type { Settings } from '../../src/core/settings/settings.js'
import { judgeReports } from '../../src/pipeline/quality.js'
import { spoilt } from '../support/report-faults.js'
import { makePaper, makeSections, renderMade } from '../support/report-set.js'
import { temporaryFolder } from '../support/temp.js'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = process.env['RPA_TEST_BROWSER'] ?? PLACES.find((place) => existsSync(place))

if (executablePath === undefined)
  process.stdout.write(
    'The page of `quality` is not looked at: there is no Chromium (apt-get install chromium, or RPA_TEST_BROWSER).\n',
  )

/** Writes the page of two sets of reports, one of them half spoilt, both with hostile text; returns its address. */
async function madePage(): Promise<string> {
  const root = temporaryFolder()
  const write = (name: string, isHalfSpoilt: boolean): string => {
    mkdirSync(join(root, name))
    for (let n = 0; n < 12; n += 1) {
      const paper = makePaper(n)
      const sections = makeSections(paper)
      const hostile = '<script>fetch("http://127.0.0.1:9/")</script> ![x](http://127.0.0.1:9/x.png)'
      sections.set('Limitations', `- ${hostile} report ${n} says so.`)
      const text =
        isHalfSpoilt && n % 2 === 0 ? spoilt(paper, 'refusal', 1, sections).text : renderMade(paper, sections)
      writeFileSync(join(root, name, `${paper.id}_made.md`), text)
    }
    return join(root, name)
  }
  const options = { paths: [write('new', false)], baseline: write('old', true), pdfDir: null }
  const file = join(root, 'quality.html')
  writeFileSync(file, qualityPage(await judgeReports({ db: null, settings: {} as Settings }, options)))
  return pathToFileURL(file).href
}

/** 0 (black) to 1, of a colour as browsers compute it. */
function brightness(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255
}

describe.skipIf(executablePath === undefined)('the page of quality in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
  })

  afterAll(() => browser.close())

  it.each([
    ['light', 1200],
    ['dark', 400],
  ] as const)(
    'is legible with a %s screen of %i pixels, asks nobody and says nothing to the console',
    async (colorScheme, width) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 1200 } })
      const told: string[] = []
      const asked: string[] = []
      page.on('console', (message) => told.push(message.text()))
      page.on('pageerror', (error) => told.push(error.message))
      page.on('request', (request) => asked.push(request.url()))
      const address = await madePage()
      await page.goto(address)
      expect(await page.locator('svg').count()).toBeGreaterThanOrEqual(3)
      expect(await page.locator('script').count()).toBe(0)
      const colours = await page.evaluate<string[]>(
        '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
      )
      const [text = 0, ground = 0] = colours.map(brightness)
      expect(Math.abs(text - ground)).toBeGreaterThan(0.5)
      expect(ground > 0.5).toBe(colorScheme === 'light')
      const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      expect(tooWide).toBeLessThanOrEqual(0)
      const letters = await page.evaluate<number[]>(
        '[...document.querySelectorAll("svg text")].map((one) => one.getBoundingClientRect().height)',
      )
      expect(Math.min(...letters)).toBeGreaterThan(10)
      // A word that a narrow window breaks makes its line two; a cell is as high as its neighbours.
      const lines = await page.evaluate<number[]>(
        `[...document.querySelectorAll('th, td.short')].map((one) => {
          const words = document.createRange()
          words.selectNodeContents(one)
          return words.getBoundingClientRect().height
        })`,
      )
      expect(Math.max(...lines)).toBeLessThan(40)
      const folder = process.env['RPA_TEST_SCREENSHOTS']
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `quality-${colorScheme}-${width}.png`), fullPage: true })
      expect(told).toEqual([])
      expect(asked).toEqual([address])
      await page.close()
    },
  )
})
