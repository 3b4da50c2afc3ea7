/** Phrases that tell what a sentence does in a paper, each with what it adds to (or takes from) the score. */
export type Cues = readonly (readonly [RegExp, number])[]

/** A number with a unit of measure or a decimal, but no section, theorem, version or citation number. */
const QUANTITY =
  /(?<![\w.§[(-]|[\w]-|\p{Lu}\p{Ll}*\.? |\p{Lu}\p{Ll}*s? \d+\.\d+(?:,| and| or) )(?:\d+(?:[.,]\d+)*(?:\s?(?:%|percent\b|percentage points?|points?\b|×|x\b|times\b|-?fold\b|dB\b|σ|orders? of magnitude)|\s(?:ms|s|hours?|GeV|MeV|keV|K|Hz|kHz|MHz|km|mm|nm|BLEU|F1|bits?)\b)|\d+\.\d+(?![\w.]*[\])]))/u

export const CONTRIBUTION: Cues = [
  [/\b(?:in this (?:paper|work|article|study|letter|note|report)|here),? we\b/i, 2],
  [
    /\bthis (?:paper|work|article|study|letter|note|report) (?:presents?|proposes?|introduces?|describes?|investigates?|shows?|studies|addresses|develops?|reports?|examines?|explores?|provides?|gives?|deals)\b/i,
    3,
  ],
  [/\bwe (?:propose|introduce|present|develop|design|release|construct|formulate|devise)\b/i, 2.5],
  [
    /\bwe (?:show|demonstrate|study|investigate|report|prove|derive|provide|describe|find|explore|address|apply|use|extend|give|consider|perform|compare|compute|calculate|measure|evaluate|examine|analy[sz]e|simulate|quantify|estimate|ask|test|survey|review)\b/i,
    1.2,
  ],
  [/\b(?:our|main|key|major) contributions?\b/i, 1],
  [
    /\b(?:is|are|was) (?:proposed|introduced|presented|developed|studied|investigated|derived|obtained|described)\b/i,
    1,
  ],
  [
    /\b(?:novel|the first|new (?:method|approach|framework|model|dataset|algorithm|task|benchmark|technique|class))\b/i,
    0.8,
  ],
]

export const PROBLEM: Cues = [
  [/^(?:However|But|Yet|Unfortunately|Nevertheless|Despite)\b/, 1.5],
  [
    /\b(?:challeng(?:e|es|ing)|difficult(?:y|ies)?|bottleneck|costly|expensive|prohibitive|laborious|impractical|infeasible|suffers?|unclear|unknown|unsolved|lacks?|lacking|hard to|little is known|poorly understood|inefficient)\b/i,
    1.5,
  ],
  [
    /\b(?:has|have) (?:not|never|yet to) been?\b|\bremains? (?:a|an|un\w+|difficult|challenging|open|unclear)\b|\bthere (?:is|are) (?:no|few|little)\b/i,
    1.2,
  ],
  [/\b(?:the problem of|the goal (?:of|is)|the task of|aims? (?:to|at)|crucial|essential)\b/i, 0.7],
  [/\bwe\b|\bour\b/i, -0.8],
]

export const RESULT: Cues = [
  [QUANTITY, 1.8],
  [
    /\b(?:outperform\w*|improv\w+|achiev\w+|surpass\w*|exceed\w*|reduc\w+|increas(?:es?|ed)|decreas(?:es?|ed)|speed-?ups?|state[- ]of[- ]the[- ]art|attain\w*|reach(?:es|ed)?|obtain(?:s|ed)?)\b/i,
    1.2,
  ],
  [
    /\b(?:better|worse|higher|lower|faster|fewer|best|gains?|accuracy|error rate|precision|recall|score|significant(?:ly)?|compared (?:to|with)|than)\b/i,
    0.8,
  ],
  [
    /\b(?:we (?:find|found|observe[d]?|show|see|note|obtain(?:ed)?|measured?) that|results? (?:show|indicate|demonstrate|suggest|confirm)s?|(?:Table|Fig(?:ure|\.)) \d+ (?:shows?|reports?|summari[sz]es) that)\b/i,
    1.8,
  ],
  [
    /\b(?:we (?:prove|establish|derive|conclude|obtain)|it follows that|(?:upper|lower) bounds?|necessary and sufficient|(?:is|are) (?:equivalent to|bounded by|consistent with|in (?:good |excellent )?agreement with))\b/i,
    1.8,
  ],
  [
    /\b(?:learning rate|batch size|weight decay|dropout|momentum|hyper-?parameter|set to|we set|we use|epochs?|initiali[sz]ed)\b/i,
    -1.8,
  ],
  [/\[\d+[\d, –-]*\]|\bet al\b/, -0.7],
  [/\b(?:prior|previous|earlier) (?:work|studies|methods)\b|^For reference\b/i, -0.8],
]

export const CAUSAL: Cues = [
  [
    /\b(?:because|due to|as a result|owing to|thanks to|caused by|attributed? to|results? from|the reason (?:for|why|is|that)|this is why|stems? from|explains? (?:why|the|this)|accounts? for)\b/i,
    2.2,
  ],
  [
    /\b(?:intuition|intuitively|mechanism|rationale|key (?:idea|insight|observation|reason)|the idea (?:is|behind)|insight)\b/i,
    2,
  ],
  [
    /\b(?:thereby|therefore|hence|consequently|leads? to|leading to|enabl(?:es?|ing)|allow(?:s|ing)|so that|ensur(?:es?|ing)|encourag(?:es?|ing)|prevents?|helps?|makes? it (?:possible|easier)|by (?:\w+ly )?(?:using|sharing|learning|exploiting|reducing|combining|removing|adding))\b/i,
    1,
  ],
  [/\bwe (?:\w+ly )?(?:hypothesi[sz]e|conjecture|suspect|believe|argue|speculate|attribute)\b/i, 2],
  [
    /\blimited time\b|\bimplementation|\bwe (?:use|modify|set|test|train|perform|sample|pad|follow)\b|^As a result, the\b/i,
    -1,
  ],
  [/\bsince\b(?! (?:\d{4}|then))/i, 0.6],
  [/\b(?:suggests?|indicat(?:es?|ing)|implies|implying|impl(?:y|ies) that)\b/i, 0.8],
  [/\b(?:Figure|Table|Section|Appendix|Eq\.) ?\(?\d/, -0.4],
]

export const CONJECTURE =
  /\b(?:we (?:\w+ly )?(?:hypothesi[sz]e|conjecture|believe|suspect|speculate|assume|argue|expect)|hypothes[ie]s|(?:may|might|could) (?:be|have|explain|result|stem|also)|possibl[ey]|presumably|likely|perhaps|probably|it seems|appears? to|suggests?)\b/i

export const DEFINITION: Cues = [
  [
    /\b(?:is|are) (?:defined (?:as|by|to be)|called|termed|known as|referred to as|said to be|denoted)\b/i,
    2.5,
  ],
  [
    /\b(?:refers to|refer to .{1,40} as|we (?:call|refer to|denote)\b|we define .{1,60} (?:as|to be)\b|stands for|(?:is|are) (?:a|an|the) (?:set|type|kind|class|family|form|technique|method|measure|process|task|problem|function|collection|way|quantity|model|algorithm|distribution|network|variant|generali[sz]ation|special case) (?:of|that|in|for|which|to))\b/i,
    1.8,
  ],
  [/\b(?:consists? of|composed of|means? that)\b/i, 1],
  // "The result is a set of rules" defines no term.
  [
    /^(?:The|An?|Our|One|Another) (?:\w+ )?(?:results?|answers?|reasons?|goals?|aims?|ideas?|steps?|questions?|problems?|outcomes?|conclusions?|consequences?|advantages?)\b/i,
    -2,
  ],
  [/\bwe (?:propose|introduce|present)\b/i, -1],
  [/\b(?:Figure|Fig\.|Table|Equation|Eq\.) ?\(?\d/, -1],
]

export const PRIOR_WORK: Cues = [
  [
    /\[\d[\d,\s–-]*\].*\[\d[\d,\s–-]*\]|\bet al\..*\bet al\.|\(\p{Lu}[^()]{2,60}\d{4}[^()]*;[^()]*\d{4}[a-z]?\)/u,
    1.5,
  ],
  [/\[\d[\d,\s–-]*\]|\bet al\.|\(\p{Lu}[^()]{2,40},? \d{4}[a-z]?\)/u, 1],
  [
    /\b(?:widely|commonly|well[- ]known|popular|standard|traditional(?:ly)?|classical|seminal|recent(?:ly)?|studied|based on|proposed|introduced)\b/i,
    0.6,
  ],
  [/\b(?:we|our|this paper)\b/i, -0.8],
]

export const PROCEDURE: Cues = [
  [
    /\bwe (?:first|then|next|also|finally|further)?\s?(?:use|train|apply|compute|define|construct|sample|select|extract|build|collect|combine|adopt|employ|generate|minimi[sz]e|maximi[sz]e|optimi[sz]e|estimate|learn|evaluate|feed|add|replace|split|annotate|fine-?tune|solve|initiali[sz]e|update|consider|perform|implement|assume|choose|start|run|measure|model|represent|derive|fit|calculate)\b/i,
    1.8,
  ],
  [
    /\b(?:is|are|was|were) (?:then |first |also |subsequently )?(?:trained|computed|used|applied|fed|passed|sampled|selected|updated|combined|generated|constructed|extracted|optimi[sz]ed|minimi[sz]ed|performed|measured|obtained by|calculated|processed|split|defined as|given by)\b/i,
    1.2,
  ],
  [
    /^(?:First|Second|Third|Then|Next|Finally|Given|To (?:do|this|train|compute|obtain|address|achieve|avoid|solve))\b|\b(?:step \d|algorithm \d|procedure|consists of|composed of|comprises|pipeline)\b/i,
    1,
  ],
  [/\b(?:our (?:method|approach|model|system|framework|algorithm)|the proposed)\b/i, 0.8],
  [/\b(?:outperform|state[- ]of[- ]the[- ]art|future work)\w*\b/i, -1],
]

export const COMPONENT: Cues = [
  [
    /\b(?:consists? of|composed of|comprises?|contains?|made up of|divided into|built (?:on|from|upon|of)|architecture|components?|modules?|encoder|decoder|layers?|blocks?|pipeline|stages?|backbone|interface|apparatus|detector|solver|agents?)\b/i,
    1.4,
  ],
  [/\b(?:takes? .{1,60} as input|outputs?|inputs?|receives?|returns?|produces?|connected|followed by)\b/i, 1],
]

export const DATA: Cues = [
  [
    /\b(?:datasets?|data sets?|corpus|corpora|benchmarks?|training (?:set|data|examples)|test(?:ing)? (?:set|data)|validation set|samples?|participants|observations|catalog(?:ue)?|recordings|survey)\b/i,
    1.6,
  ],
  [
    /\b(?:consists? of|contains?|collected|comprises?|split|drawn from|downloaded|annotated|examples|images|sentences|documents|classes|instances)\b/i,
    0.8,
  ],
  [/(?<![\w.[])\d[\d,]{2,}(?!\])|\b\d+k\b/, 0.7],
]

export const PARAMETER: Cues = [
  [
    /\b(?:learning rate|batch size|mini-?batch|weight decay|dropout|momentum|epochs?|hyper-?parameters?|optimi[sz]er|Adam|SGD|temperature|random seeds?|iterations|hidden (?:size|units|layers?)|threshold|tolerance|step size|time step|resolution|grid|regulari[sz]ation|early stopping|annealing)\b/i,
    1.8,
  ],
  [
    /\b(?:we set|is set to|set to|with a|values? of|for all experiments|default|fixed|initiali[sz]ed|parameters?)\b/i,
    0.7,
  ],
  [/(?<![\w.])\d/, 0.6],
]

export const HARDWARE: Cues = [
  [
    /\b(?:GPUs?|TPUs?|NVIDIA|A100|V100|H100|Titan [XV]p?|Tesla [A-Z]\d+|RTX ?\w?\d{4}|Intel (?:Core|Xeon)|Xeon|\d+ (?:\w+ )?(?:CPUs?|cores?|nodes?|processors?)|[GM]Hz (?:CPU|processor)|GB of (?:RAM|memory)|GPU memory)\b/,
    2.2,
  ],
  [
    /\b(?:training (?:time (?:is|was|of)|takes|took)|takes? (?:about |around |approximately )?\d+ (?:hours?|minutes?|days?|seconds?)|wall[- ]clock|CPU time|compute budget)\b/i,
    1.5,
  ],
]

export const CODE: Cues = [
  [
    /\b(?:code|software|implementation|data ?sets?|models?|scripts?|checkpoints?|weights)\b.{0,60}\b(?:publicly|freely|openly|github|gitlab|zenodo|huggingface|upon request|open[- ]sourced?|(?:is|are) (?:made )?available (?:at|from|on|under|online))\b/i,
    2.5,
  ],
  [/\bwe (?:release|open[- ]source|publish)\b|\bhttps?:\/\/|\b(?:github|gitlab|zenodo|huggingface)\b/i, 1.5],
]

export const FUTURE: Cues = [
  [
    /\b(?:future (?:work|research|studies|directions?|investigations?|experiments?)|in (?:the|near) future|(?<!from )left (?:for|to|as)|we leave|remains? (?:open|to be|an open|unclear|unknown)|open (?:questions?|problems?|issues?)|further (?:work|research|study|studies|investigations?|exploration|experiments?|analysis)|would be (?:interesting|worthwhile|useful|valuable|desirable)|it is (?:unclear|not (?:yet )?(?:clear|known|understood))|not yet (?:been|known|understood|clear)|next steps?|promising direction|worth (?:exploring|investigating|studying)|avenues?)\b/i,
    2.8,
  ],
  [
    /\b(?:plan to|we (?:hope|intend|aim|would like|expect) to|could be (?:extended|improved|explored|applied|used)|can be (?:extended|further)|to be (?:explored|investigated|determined|studied|seen|addressed)|should be (?:investigated|explored|studied|addressed)|needs? further)\b/i,
    1.5,
  ],
  [/^(?:How|What|Why|Whether|Can|Could|Is|Are|Does|Do|Which|When|To what extent)\b(?!.*\byou\b).*\?$/, 1.6],
]

export const LIMITATION: Cues = [
  [
    /\b(?:limitations?|shortcomings?|drawbacks?|caveats?|weakness(?:es)?|threats? to validity|disadvantages?)\b/i,
    2.4,
  ],
  [
    /\b(?:fails?|failed|failures?|does not|do not|did not|cannot|could not|unable|not (?:able|possible|applicable|sufficient|guaranteed|considered?|address|account|necessarily|include|cover|optimal|always)|only (?:consider|evaluate|test|apply|use|focus|work|hold|valid|limited)\w*|restrict(?:ed|s)?|limited to|at the (?:cost|expense) of|sensitive to|suffers?|struggles?|degrades?|worse|poor(?:ly)?|over-?fit\w*|bias(?:ed|es)?|neglect(?:ed|s)?|ignor(?:es?|ed))\b/i,
    1.3,
  ],
  [/\b(?:however|although|though|despite|nevertheless|unfortunately)\b/i, 0.7],
  [
    /\b(?:our|we|this (?:paper|work|study|method|approach|model|dataset)|the (?:proposed|present|current))\b/i,
    0.8,
  ],
  [
    /\[\d+[\d, –-]*\]|\bet al\b|\b(?:previous|prior|existing|traditional|earlier) (?:work|methods?|approaches|studies|models|systems)\b/i,
    -1.6,
  ],
  [
    /\bwe (?:do|did) not (?:use|include|apply|employ|need|require|see|observe|find)\b|\bsubstantial(?:ly)? impact\b|\bcannot have\b|\b(?:to|thus|thereby|helps?) (?:\w+ )?(?:avoid(?:ing)?|prevent(?:ing)?|reduc(?:e|ing))\b/i,
    -1.2,
  ],
  [
    /\b(?:loss of generality|overcomes?|address(?:es)? (?:this|these|the)|unlike (?:previous|prior|existing)|solves?|does not (?:require|need|depend|rely|matter|hurt|harm|affect))\b/i,
    -1.8,
  ],
]

export const ASSUMPTION: Cues = [
  [/^(?:Assume|Suppose|Let)\b|\bby assumption\b/, -2.4],
  [
    /\b(?:we (?:\w+ly )?(?:assume|suppose|require|neglect|ignore|restrict|limit)|assum(?:es?|ing|ed|ption|ptions)\b|under the (?:assumption|condition)|provided that|as long as|only (?:if|when|valid|holds?))/i,
    2.4,
  ],
  [
    /\b(?:approximat(?:ion|ed|ely)|simplif\w+|ideal(?:ized|ised)?|independent|we only|requires?|depends? on|relies? on)\b/i,
    0.8,
  ],
  [
    /\b(?:without loss of generality|relax\w*|no assumptions?|without (?:any |the |making )*assum\w+)\b/i,
    -2.4,
  ],
]

/** Returns the sum of the weights of the cues found in a sentence. */
export function cueScore(text: string, cues: Cues): number {
  let score = 0
  for (const [pattern, weight] of cues) if (pattern.test(text)) score += weight
  return score
}

/** Returns the first quantity of a sentence that looks like a measured result (`81.5 %`, `2.4×`), or null. */
export function quantityIn(text: string): string | null {
  return QUANTITY.exec(text)?.[0].trim() ?? null
}
