/** A paper as arXiv's servers describe it. */
export interface FakePaper {
  id: string
  title: string
  abstract: string
  authors: readonly string[]
  categories: readonly string[]
  /** When each version came, ISO text in UTC; the first is v1. */
  versions: readonly string[]
  comment?: string
  doi?: string
  journal?: string
  license?: string
  /** The last version was taken back. */
  withdrawn?: boolean
  /** Day of the last change to the record; default that of the last version. */
  datestamp?: string
}

/** Returns an answer of the API: https://info.arxiv.org/help/api/user-manual.html */
export function atomFeed(
  papers: readonly FakePaper[],
  { total = papers.length, start = 0 }: { total?: number; start?: number } = {},
): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/OCk8emqg9bln1sH6hyj0cx9HFT0</id>
  <title>arXiv Query: search_query=&amp;id_list=</title>
  <updated>2026-04-12T22:10:26Z</updated>
  <opensearch:itemsPerPage>${papers.length}</opensearch:itemsPerPage>
  <opensearch:totalResults>${total}</opensearch:totalResults>
  <opensearch:startIndex>${start}</opensearch:startIndex>
${papers.map(atomEntry).join('')}</feed>
`
}

function atomEntry(paper: FakePaper): string {
  const version = paper.versions.length
  const page = `${paper.id}v${version}`
  return `  <entry>
    <id>http://arxiv.org/abs/${page}</id>
    <title>${escaped(paper.title)}</title>
    <updated>${paper.versions[version - 1] ?? ''}</updated>
    <link href="https://arxiv.org/abs/${page}" rel="alternate" type="text/html"/>
    <link href="https://arxiv.org/pdf/${page}" rel="related" type="application/pdf" title="pdf"/>
    <summary>${escaped(paper.abstract)}</summary>
${paper.categories.map((name) => `    <category term="${name}" scheme="http://arxiv.org/schemas/atom"/>\n`).join('')}    <published>${paper.versions[0] ?? ''}</published>
${tag('arxiv:comment', paper.comment)}${tag('arxiv:doi', paper.doi)}${tag('arxiv:journal_ref', paper.journal)}    <arxiv:primary_category term="${paper.categories[0] ?? ''}"/>
${paper.authors.map((name) => `    <author>\n      <name>${escaped(name)}</name>\n    </author>\n`).join('')}  </entry>
`
}

/** Returns the answer with which the API refuses an id. */
export function atomError(id: string): string {
  const url = `https://arxiv.org/api/errors#incorrect_id_format_for_${id}`
  return `<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/</id>
  <title>arXiv Search Results</title>
  <entry>
    <id>${url}</id>
    <title>Error</title>
    <link href="${url}" rel="alternate" type="text/html"/>
    <summary>incorrect id format for ${escaped(id)}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
</feed>
`
}

/** Returns an answer of the OAI-PMH server: https://www.openarchives.org/OAI/openarchivesprotocol.html */
export function oaiAnswer(records: string): string {
  return oaiDocument(`<ListRecords>\n${records}</ListRecords>`)
}

/** Returns an answer of the OAI-PMH server with any content. */
export function oaiDocument(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<responseDate>2026-08-20T03:07:11Z</responseDate>
<request verb="ListRecords">https://oaipmh.arxiv.org/oai</request>
${content}
</OAI-PMH>
`
}

type OaiFormat = 'arXiv' | 'arXivRaw' | 'oai_dc'

/** Returns a record in one of the formats. */
export function oaiRecord(paper: FakePaper, format: OaiFormat = 'arXivRaw'): string {
  const datestamp = paper.datestamp ?? paper.versions.at(-1)?.slice(0, 10) ?? ''
  return `<record>
<header>
 <identifier>oai:arXiv.org:${paper.id}</identifier>
 <datestamp>${datestamp}</datestamp>
</header>
<metadata>
${CONTENT[format](paper)}</metadata>
</record>
`
}

const CONTENT: Record<OaiFormat, (paper: FakePaper) => string> = {
  arXivRaw: (paper) => ` <arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">
 <id>${paper.id}</id><submitter>S</submitter>${paper.versions
   .map((date, index) => {
     const gone = paper.withdrawn === true && index === paper.versions.length - 1
     const source = gone ? '<size>0kb</size><source_type>I</source_type>' : '<size>12kb</size>'
     return `<version version="v${index + 1}"><date>${new Date(date).toUTCString()}</date>${source}</version>`
   })
   .join('')}
${tag('title', paper.title)}${tag('authors', paper.authors.join(', '))}${tag('categories', paper.categories.join(' '))}${common(paper)}</arXivRaw>
`,
  arXiv: (paper) => ` <arXiv xmlns="http://arxiv.org/OAI/arXiv/">
${tag('id', paper.id)}${tag('created', paper.versions[0]?.slice(0, 10))}${
    paper.versions.length > 1 ? tag('updated', paper.versions.at(-1)?.slice(0, 10)) : ''
  }<authors>${paper.authors
    .map((name) => {
      const [forenames, keyname] = name.split(' ')
      return `<author>${tag('keyname', keyname)}${tag('forenames', forenames)}</author>`
    })
    .join('')}</authors>
${tag('title', paper.title)}${tag('categories', paper.categories.join(' '))}${common(paper)}</arXiv>
`,
  oai_dc: (
    paper,
  ) => ` <oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
${tag('dc:title', paper.title)}${paper.authors.map((name) => tag('dc:creator', name.split(' ').reverse().join(', '))).join('')}${tag('dc:subject', 'Computer Science - Information Theory')}${tag('dc:description', paper.abstract)}${tag('dc:description', paper.comment && `Comment: ${paper.comment}`)}${paper.versions
    .map((date) => tag('dc:date', date.slice(0, 10)))
    .join(
      '',
    )}${tag('dc:identifier', `http://arxiv.org/abs/${paper.id}`)}${tag('dc:identifier', paper.journal)}${tag('dc:identifier', paper.doi && `doi:${paper.doi}`)}</oai_dc:dc>
`,
}

function common(paper: FakePaper): string {
  return `${tag('comments', paper.comment)}${tag('journal-ref', paper.journal)}${tag('doi', paper.doi)}${tag('license', paper.license)}${tag('abstract', paper.abstract)}`
}

function tag(name: string, text: string | undefined): string {
  return text === undefined ? '' : ` <${name}>${escaped(text)}</${name}>\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
