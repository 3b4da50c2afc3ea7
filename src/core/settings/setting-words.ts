import type { SettingName } from './settings.js'

/** What a setting is for, in one line, and a value where the default is none. */
export interface SettingWords {
  about: string
  example?: string
}

/** The words of a workspace's rpa.yml. */
export const SETTING_WORDS: Record<SettingName, SettingWords> = {
  dataDir: { about: 'Databases, PDFs and reports lie here.' },
  databaseUrl: { about: 'Where papers and requests are kept: a file, or postgres://… for many machines.' },
  corpusDb: { about: 'Metadata of papers to choose from.' },
  reportsDir: { about: 'Where reports are written.' },
  configDir: {
    about: 'Own prompts, profiles, machines and limits; a file in it wins over the built-in one.',
    example: 'config',
  },
  baseUrl: { about: 'Any endpoint that speaks the OpenAI protocol, a local one too.' },
  profile: {
    about: 'One profile for every request, in place of those of the agents; offline needs no key.',
    example: 'offline',
  },
  budget: { about: 'Requests a UTC day, cheap and expensive together; 0 = no limit.' },
  pdfUrl: { about: 'Where PDFs are downloaded from.' },
  bucketUrl: { about: "The public bucket of arXiv's PDFs, asked first." },
  arxivApiUrl: { about: 'Where metadata are asked for, by query and by id.' },
  oaiUrl: { about: 'Where metadata are harvested.' },
  openAlexUrl: { about: 'Where corpus enrich asks for citations.' },
  newVersions: {
    about: 'Later versions of papers that are done: ignore, flag (in status and reports) or redo.',
  },
  pdfDir: { about: 'PDFs that you have already, as {arxiv_id}.pdf; looked at first.', example: '../pdfs' },
  pdfSources: { about: 'Where PDFs are looked for, in this order.' },
  pdfGap: { about: 'Seconds between two requests to one host, in place of its own.', example: '3' },
  pdfOther: { about: 'PDFs that name neither the title nor an author of their paper: refuse or take.' },
  pdfHosts: { about: 'Hosts that PDFs may come from, also after a redirect.' },
  pdfMaxMegabytes: { about: 'Larger PDFs are not read.' },
  pdfMaxPages: { about: 'PDFs with more pages are not read.' },
  pdfTimeout: { about: 'Longest time for the reading of one PDF, seconds.' },
  leaseTtl: { about: 'How long a paper is held by a process that is not heard of, seconds.' },
  maxAttempts: { about: 'Tries of a paper in one phase before it is left alone.' },
  drainTimeout: { about: 'Longest wait for requests under way after Ctrl-C, seconds.' },
  contact: {
    about: 'Your e-mail address or page, which arXiv asks for: it is sent to the hosts of PDFs.',
    example: 'me@example.org',
  },
  logFormat: {
    about:
      'What lines on stderr look like: text, json (one object a line), or auto: text on a terminal, else json.',
  },
  logLevel: { about: 'error, warn, info or debug.' },
}
