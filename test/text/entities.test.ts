import { describe, expect, it } from 'vitest'
import { markdownWithoutEntities, withoutEntities } from '../../src/text/entities.js'

describe('entities', () => {
  it.each([
    ['&quot;a&quot; &amp;amp; b &#8211; &#x3b1;', '"a" & b – α'],
    ['&amp;quot;twice&amp;quot;', '"twice"'],
    ['AT&T; &nosuch; &#0; &#xD800;', 'AT&T; &nosuch;    '],
    // Names that every object has are no signs.
    ['&toString; &valueOf; &constructor;', '&toString; &valueOf; &constructor;'],
  ])('in %s become signs', (text, expected) => {
    expect(withoutEntities(text)).toBe(expected)
  })

  it('in Markdown become signs that begin nothing, and stay in code', () => {
    expect(markdownWithoutEntities('&#42;a&#42; `&lt;b&gt;` &toString;')).toBe(
      '\\*a\\* `&lt;b&gt;` &toString;',
    )
  })
})
