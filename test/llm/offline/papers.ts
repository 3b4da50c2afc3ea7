/** A small paper in the paper-text format with every kind of section; all sentences are ours. */
export const PAPER = `[p. 1]
## Abstract

Sorting parcels by hand is expensive, and existing scanners fail on torn labels. In this paper, we present ParcelNet (PN), a small network that reads torn parcel labels from a single camera image. ParcelNet reduces the error rate from 9.1% to 4.2% on the public TornLabels benchmark and runs 3.5 times faster than the best earlier reader.

## 1 Introduction

Parcel sorting relies on optical character recognition (OCR), e.g. the reader of Smith et al. [3], which was built for flat labels. However, torn labels remain a challenging problem because characters are missing where the paper is ripped. We propose a network that guesses missing characters from the shape of the tear, cf. Fig. 2, and we release the code at github.com/example/parcelnet under an open licence.

## 2 Background

A torn label is defined as a label of which at least one printed character is incomplete. Optical character recognition has been studied widely [1, 4], and recurrent readers [5] are commonly used for damaged text.

## 3 Method

### 3.1 Architecture

ParcelNet consists of an encoder with eight convolutional layers, a tear detector, and a decoder that outputs characters. The tear detector first marks [p. 2] the ripped region, and the decoder then fills it with characters that are likely for the address. We assume that every label was printed in a single known font and that the camera sees it from above.

### 3.2 Training

We train the network for 40 epochs with a learning rate of 0.001 and a batch size of 64 on a single NVIDIA V100 GPU. Training takes about 6 hours and needs no labels beyond those of the public training set.

## 4 Experiments

### 4.1 Data

The TornLabels dataset contains 12,400 images of parcel labels that were collected in three sorting centres and split into training and test sets.

### 4.2 Results

[p. 3]

ParcelNet achieves an error rate of 4.2% on the test set, compared to 9.1% for the recurrent reader. We find that removing the tear detector increases the error rate to 7.8%, which is still better than all earlier readers. The gain is largest on heavily torn labels because the tear detector tells the decoder where characters are missing.

> Table 1: Error rates of all readers on the test set of TornLabels.

## 5 Limitations

Our network does not read handwritten labels, and it fails when more than half of the label is missing. A further limitation is that all images come from three sorting centres in one country.

## 6 Conclusion

We presented a network that reads torn labels and showed that explicit tear detection helps the decoder. How the network behaves on labels in other scripts remains open, and we leave handwritten labels for future work.

## Acknowledgements

We thank the sorting centres for their patience, and future work will be funded by the same generous foundation.
`

/** The same without a limiting or forward-looking sentence. */
export const CONTENT_PAPER = `[p. 1]
## Abstract

We introduce a counting scheme for migrating geese that works with a single telescope and a clock. The scheme counts geese with an error of 2.1% in clear weather.

## 1 Introduction

Counting geese matters to every wetland warden, and counting by eye takes several trained people. Our scheme replaces them with one telescope, which enables a single warden to count a whole flock.

## 2 Method

We point the telescope at the horizon and record the time at which each goose crosses a line. The flock size is computed from the crossing times and the mean speed of the birds.

[p. 2]
## 3 Results

The scheme achieves an error of 2.1% over twenty flocks, while counting by eye achieves 5.6% on the same flocks.
`

/** Returns the whole text of a paper as the quotes are compared with it: no page marks, single blanks. */
export function flat(paperText: string): string {
  return paperText.replace(/\s*\[p\. \d+\]\s*/g, ' ').replace(/\s+/g, ' ')
}

/** Returns the page a text begins on, read from the page marks by hand. */
export function pageOf(paperText: string, quoted: string): number | null {
  const pages = paperText.split(/\[p\. (\d+)\]/)
  const start = flat(paperText).indexOf(quoted)
  if (start < 0) return null
  let before = ''
  let page = 0
  for (let i = 1; i < pages.length; i += 2) {
    if (flat(before).trim().length > start + 1) break
    page = Number(pages[i])
    before += ` ${pages[i + 1] ?? ''}`
  }
  return page
}
