import { describe, expect, it } from 'vitest'
import { stem } from '../../src/text/stems.js'

describe('stem', () => {
  // The examples of the paper that describes the algorithm, step by step.
  it.each(
    `caresses caress,ponies poni,ties ti,caress caress,cats cat,feed feed,agreed agre,plastered plaster,bled bled,
    motoring motor,sing sing,conflated conflat,troubled troubl,sized size,hopping hop,tanned tan,falling fall,
    hissing hiss,fizzed fizz,failing fail,filing file,happy happi,sky sky,relational relat,conditional condit,
    rational ration,valenci valenc,digitizer digit,conformabli conform,radicalli radic,differentli differ,vileli vile,
    analogousli analog,vietnamization vietnam,predication predic,operator oper,feudalism feudal,decisiveness decis,
    hopefulness hope,callousness callous,formaliti formal,sensitiviti sensit,sensibiliti sensibl,triplicate triplic,
    formative form,formalize formal,electriciti electr,electrical electr,hopeful hope,goodness good,revival reviv,
    allowance allow,inference infer,airliner airlin,gyroscopic gyroscop,adjustable adjust,defensible defens,
    irritant irrit,replacement replac,adjustment adjust,dependent depend,adoption adopt,communism commun,
    activate activ,angulariti angular,homologous homolog,effective effect,bowdlerize bowdler,probate probat,rate rate,
    cease ceas,controll control,roll roll`
      .split(',')
      .map((pair) => pair.trim().split(' ') as [string, string]),
  )('%s → %s', (word, expected) => {
    expect(stem(word)).toBe(expected)
  })

  it('leaves short words, digits and other scripts alone', () => {
    for (const word of ['is', 'a', 'gpt4', 'naïves', 'модели', '']) expect(stem(word)).toBe(word)
  })

  it('merges what differs in form only', () => {
    expect(stem('networks')).toBe(stem('network'))
    expect(stem('generalizations')).toBe(stem('generalization'))
  })
})
