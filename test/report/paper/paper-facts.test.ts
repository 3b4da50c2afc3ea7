import { describe, expect, it } from 'vitest'
import { findArtifacts } from '../../../src/report/paper/artifacts.js'
import { exhibitsOf } from '../../../src/report/paper/exhibits.js'
import { paperKind, type PaperKind } from '../../../src/report/paper/kind.js'
import { readCaptions, readTables } from '../../../src/report/paper/tables.js'
import { resultsOf } from '../../../src/report/frontmatter/results-table.js'
import { findCompute, findSettings } from '../../../src/report/paper/training-settings.js'

describe('the kind of a paper', () => {
  it.each<[PaperKind, string, string, string]>([
    [
      'method',
      'Routed Attention',
      'We propose a new attention method that outperforms strong baselines.',
      '',
    ],
    [
      'theory',
      'On the orbits of polynomials',
      'We prove that the orbit is infinite if and only if f is stable.',
      'Theorem 1\nLemma 2\nProof\nTheorem 3\nProof',
    ],
    [
      'dataset',
      'Court-Sum: summaries of lawsuits',
      'We introduce Court-Sum, a collection of 9,280 summaries by experts. Unlike other datasets it has three lengths. State-of-the-art models perform poorly, although training data are clean.',
      'Training and fine-tuning of baselines.',
    ],
    [
      'dataset',
      'A dataset of symbols',
      'We present a publicly available dataset of 168233 annotated instances.',
      '',
    ],
    ['survey', 'Creativity in machines', 'This paper gives a high level overview of recent techniques.', ''],
    [
      'system',
      'An open-source framework for agents',
      'We present a framework that lets developers build applications.',
      '',
    ],
    [
      'observation',
      'The size distribution of asteroids',
      'We analyzed data of a telescope survey and measured 235 objects.',
      '',
    ],
    [
      'observation',
      'Returns to office',
      'We estimate the effect of serving in parliament on wealth. We find that candidates who won close elections died richer.',
      'Regression discontinuity.',
    ],
    [
      'observation',
      'Recombination in wild mice',
      'We inferred the landscape of recombination from genomic data of natural populations and show that it differs between subspecies.',
      '',
    ],
    [
      'system',
      'Block sharing for clusters',
      'File systems of virtual machines hold many equal blocks. Our prototype finds them online, with little overhead for its workloads.',
      '',
    ],
  ])('%s: %s', (kind, title, abstract, text) => {
    expect(paperKind({ title, abstract, text })).toBe(kind)
  })

  it('is told from the text where the metadata hold no abstract, and is a method where nothing tells', () => {
    const text = `[p. 1]\n\n## Abstract\n\n${'This survey reviews the literature on recent advances in reading damaged text. '.repeat(2)}`
    expect(paperKind({ title: '', abstract: '', text })).toBe('survey')
    expect(paperKind({ title: '', abstract: '', text: '' })).toBe('method')
  })
})

describe('artifacts', () => {
  const TEXT = `[p. 1]

Our code is at https://github.com/a/b. Models: https://huggingface.co/a/b, data (https://zenodo.org/record/1).

[p. 3] The dataset can be downloaded from https://example.org/set.zip.It is free. See also github.com/a/b and
https://example.net/x)y, www.nowhere, http://a, a demo runs on https://demo.example.org/try³.
`

  it('are all addresses of the text, each once, with page and kind', () => {
    expect(findArtifacts(TEXT, '')).toEqual([
      { url: 'https://github.com/a/b', kind: 'code', page: 1, own: true },
      { url: 'https://zenodo.org/record/1', kind: 'data', page: 1, own: true },
      { url: 'https://example.org/set.zip', kind: 'data', page: 3, own: true },
      { url: 'https://huggingface.co/a/b', kind: 'model', page: 1, own: true },
      { url: 'https://demo.example.org/try', kind: 'demo', page: 3, own: true },
      { url: 'https://example.net/x)y', kind: 'other', page: 3, own: false },
      { url: 'www.nowhere', kind: 'other', page: 3, own: false },
    ])
  })

  it.each([
    ['For completeness, the task is also available at https://github.com/a/b/tree/task.', 'data'],
    ['The dataset and the code are available at https://github.com/a/b.', 'code'],
    ['Our annotations can be found under https://github.com/a/b.', 'data'],
    ['The data are loaded by a script. See https://github.com/a/b.', 'code'],
    ['This research used the software Theano: https://arxiv.org/abs/1605.02688', 'other'],
    ['Our data: https://doi.org/10.1000/xyz', 'other'],
    ['We analysed it with software of a company (http://www.mathworks.com).', 'other'],
    ['Users watch an hour a day, see https://www.youtube.com/yt/about/press', 'other'],
  ])('at a host of code are what their sentence offers: %s', (text, kind) => {
    expect(findArtifacts(text, '')).toMatchObject([{ kind }])
  })

  it.each([
    ['We release the code and all models (https://github.com/a/b).', true],
    ['We used the model released by the authors: https://github.com/a/b', false],
    ['Their implementation is available at https://github.com/a/b.', false],
    ['The baseline is taken from the official code: https://github.com/a/b', false],
    ['We build on PyTorch. The code is available at https://github.com/a/b.', true],
    ['We introduce and release a suite³, with seven tasks.\n\n3 https://github.com/a/b', true],
    ['We start from their weights³.\n\nWe release a suite².\n\n3 https://github.com/a/b', false],
    ['We release a suite¹³.\n\n3 https://github.com/a/b', false],
    ['It runs on cards. ∗ Equal contribution 1 https://github.com/lab/router-net', true],
  ])('are told to be own ones: %s', (text, own) => {
    expect(findArtifacts(text, 'RouterNet: Routing without Labels')).toMatchObject([{ own }])
  })

  it('are read in no time from a text made to take long', () => {
    for (const text of [
      'https://'.repeat(20_000),
      `https://a.b/${'(.'.repeat(50_000)}`,
      'www.'.repeat(50_000),
      `${'data is '.repeat(20_000)}https://github.com/a/b`,
    ])
      expect(findArtifacts(text, '').length).toBeLessThanOrEqual(40)
  })
})

describe('settings', () => {
  const TRAINING = `[p. 2]\n\nWe train the network with a learning rate of 2e-5 and a batch size of 32. ${'Training goes on. '.repeat(9)}
[p. 4] The optimizer is AdamW. We use 8 NVIDIA H100 GPUs; training took about 36 hours.`

  it('of what learns are given with their page, or said not to be reported', () => {
    expect(findSettings('method', TRAINING)).toEqual({
      learning_rate: { value: '2e-5', page: 2 },
      batch_size: { value: '32', page: 2 },
      epochs: 'not reported',
      optimizer: { value: 'AdamW', page: 4 },
      random_seeds: 'not reported',
    })
  })

  it.each([
    ['10⁻⁶ was consistently the best-performing learning rate.', '10⁻⁶'],
    ['The learning rate is set to 10⁻⁶ for all.', '10⁻⁶'],
    ['We tried others; 1e-6 is the best learning rate.', '1e-6'],
    ['It was the best learning rate.', null],
  ])('hold a learning rate wherever it stands: %s', (text, value) => {
    const { learning_rate } = findSettings('method', `${text} ${'Training goes on. '.repeat(9)}`)
    expect(learning_rate).toEqual(value === null ? 'not reported' : { value, page: null })
  })

  it('are not asked of a theory, nor of a paper that trains nothing', () => {
    expect(findSettings('theory', TRAINING)).toEqual({})
    expect(findSettings('method', 'A text on bridges.')).toEqual({})
  })

  it('hardware and time stand beside them', () => {
    expect(findCompute(TRAINING)).toEqual([
      { text: '8 NVIDIA H100 GPUs', page: 4 },
      { text: 'training took about 36 hours', page: 4 },
    ])
    expect(findCompute('It ran on a Nvidia GeForce GTX Titan Black with CUDA 8.')).toEqual([
      { text: 'a Nvidia GeForce GTX Titan Black', page: null },
    ])
    expect(
      findCompute('A cluster of stars at the core of AL11, a run rate of 66 instead of 50 minutes.'),
    ).toEqual([])
  })
})

describe('results', () => {
  it('are read from the tables of a report, with the rival that comes nearest', () => {
    expect(
      resultsOf(`- not a | table
| Dataset | Metric | Ours | GPT-4o | Search | Source |
| --- | --- | --- | --- | --- | --- |
| Real, test | recall | **0.6111** | 0.3075 | – | Table 6 [p. 8] |
| Auto | R@20 | 0.5301 | – | 0.1921 (with GPT) | [p. 8] |
| Lost | x | – | 1 | 2 | |`),
    ).toEqual([
      {
        task: null,
        dataset: 'Real, test',
        metric: 'recall',
        value: '0.6111',
        baseline: 'GPT-4o',
        baseline_value: '0.3075',
        delta: 0.3036,
        page: 8,
      },
      {
        task: null,
        dataset: 'Auto',
        metric: 'R@20',
        value: '0.5301',
        baseline: 'with GPT',
        baseline_value: '0.1921',
        delta: 0.338,
        page: 8,
      },
    ])
  })

  it('are those of the paper’s own systems, in bold, setting by setting, where the rows are what was compared', () => {
    const told = resultsOf(`| System | Metric | Arcade | Maze | Source |
| --- | --- | --- | --- | --- |
| Random | score | 0.1 | 0.2 | Table 2 [p. 6] |
| Search | score | 4.6 | – | Table 2 [p. 6] |
| Search | steps | 90 | 70 | Table 2 [p. 6] |
| **Router** | score | 5.1 | 0.9 | Table 2 [p. 6] |
| **Router** | steps | 80 | – | Table 2 [p. 6] |`)
    expect(
      told.map((row) => [row.dataset, row.metric, row.value, row.baseline, row.delta, row.page]),
    ).toEqual([
      ['Arcade', 'score', '5.1', 'Search', 0.5, 6],
      ['Maze', 'score', '0.9', 'Random', 0.7, 6],
      ['Arcade', 'steps', '80', 'Search', -10, 6],
    ])
  })

  it('take the metric from the brackets behind the setting where no column has it', () => {
    const told = resultsOf(`| System | MAG (F1) | Cite (MAP) | Average | Source |
| --- | --- | --- | --- | --- |
| SGC | 76.8 | 91.6 | 76.9 | Table 1 [p. 7] |
| **Router** | **82.0** | 88.3 | 80.0 | Table 1 [p. 7] |`)
    expect(told.map(({ dataset, metric, delta }) => [dataset, metric, delta])).toEqual([
      ['MAG', 'F1', 5.2],
      ['Cite', 'MAP', -3.3],
      ['Average', '', 3.1],
    ])
  })

  it('are none of a table of variants: it compares the paper with nobody', () => {
    const table =
      '| Variant | Metric | Arcade | Source |\n| --- | --- | --- | --- |\n| full | score | 5.1 | [p. 4] |'
    expect(resultsOf(table)).toEqual([])
    expect(resultsOf(table.replace('Variant', 'Setting'))).toHaveLength(1)
  })

  it('have no rival where the rows are what was compared, nor in a column that says how far a value spreads', () => {
    const told = resultsOf(`| Classifier | Metric | HASY | min – max | MNIST |
| --- | --- | --- | --- | --- |
| CNN | accuracy | 81.0 % | 80.6 % – 81.5 % | 99.2 % |

| Set | Metric | Ours | Error | Theirs |
| --- | --- | --- | --- | --- |
| A | F1 | 0.5 | 0.1 | 0.3 |
| B | F1 | 0.5 | 0.1 | < 8% |`)
    expect(told.map(({ value, baseline, delta }) => [value, baseline, delta])).toEqual([
      ['81.0 %', null, null],
      ['0.5', 'Theirs', 0.2],
      ['0.5', null, null],
    ])
  })

  it('tell task and data apart where the table does', () => {
    const [row] = resultsOf(
      '| Task | Dataset | Metric | Ours |\n| --- | --- | --- | --- |\n| search | Real | F1 | 0.5 |',
    )
    expect(row).toMatchObject({ task: 'search', dataset: 'Real', metric: 'F1', value: '0.5' })
  })

  it('are none where a table holds words, or has no rule below its header', () => {
    expect(resultsOf('| Approach | Works | Gives |\n| --- | --- | --- |\n| A | B | C |')).toEqual([])
    expect(resultsOf('| a | b | 1 |\n| c | d | 2 |')).toEqual([])
  })
})

describe('tables and captions', () => {
  const TEXT = `[p. 4]

> Conference |Q| Ans

> | ICLR | 5,204 | 2.46 |
> | ICML | 5,743 | 2.37 |

ACL 3,315 2.16
PaSa 1.0 2.0 and more

> Table 2: Statistics. More of it.

[p. 5] Words.

> Fig. 3. A curve [p. 6] that goes on.
> Figure 3: The same again.
`

  it('are read with their pages; a row that was taken for text is found again', () => {
    const [table] = readTables(TEXT)
    expect(table?.page).toBe(4)
    expect(table?.columns[0]?.map(({ value }) => value)).toEqual([5204, 5743])
    expect(readTables('> | a | 1.5 | 2 |\n> | b | 2.5 | 3 |\n\nsome c 3.5 4')[0]?.rows).toHaveLength(3)
    expect(readCaptions(TEXT).map(({ label, page }) => [label, page])).toEqual([
      ['Table 2', 4],
      ['Figure 3', 5],
    ])
  })

  it('are listed, the first eight tables and the first eight figures, each in a sentence', () => {
    const captions = Array.from(
      { length: 9 },
      (_, n) =>
        `> Figure ${n + 1}: What it shows in case ${n + 1}. More.\n\n> Table ${n + 1}: Values of case ${n + 1}.`,
    )
    const shown = exhibitsOf(`[p. 1]\n\n${captions.join('\n\n')}`)
    const labels = ['Table', 'Figure'].flatMap((kind) => [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${kind} ${n}`))
    expect(shown.map(({ label }) => label)).toEqual(labels)
    expect(shown[8]).toEqual({ label: 'Figure 1', caption: 'What it shows in case 1', page: 1 })
  })

  it('are shown whole, or up to the end of a clause, or by their labels alone', () => {
    const word = 'accuracy '
    const captionOf = (caption: string): string | undefined =>
      exhibitsOf(`[p. 1]\n\n> Figure 1: ${caption}`)[0]?.caption
    const whole = `Mean ${word.repeat(17)}over seeds`
    expect(captionOf(`${whole}. More.`)).toBe(whole)
    expect(captionOf(`The mean ${word.repeat(6)}of all, which ${word.repeat(20)}.`)).toBe(
      `The mean ${word.repeat(6)}of all`,
    )
    expect(captionOf(`Mean ${word.repeat(30)}.`)).toBe('')
  })
})
