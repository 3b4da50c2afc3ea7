// What one run of a configuration may take. A machine is data, perhaps a stranger's: it must not take the process.

/** Letters of a rendered text, and of all values of a context together; the longest paper has a tenth of it. */
export const MAX_LETTERS = 8_000_000
/** Values in a list or map, those inside it included. */
export const MAX_VALUES = 200_000
/** Nodes of a template that one rendering evaluates. */
export const MAX_TEMPLATE_STEPS = 1_000_000
/** Longest time for one template, milliseconds: nothing else in the process runs meanwhile. */
export const MAX_TEMPLATE_MS = 2_000
/** The same for all templates between two turns of the event loop. */
export const MAX_TURN_MS = 5_000
/** Most steps that `settings.max_steps` may allow. */
export const MAX_STEPS = 10_000
/** Steps of a machine and all machines below it. */
export const MAX_TREE_STEPS = 50_000
/** Longest time that a machine and those below it may pass through states without work, milliseconds. */
export const MAX_IDLE_MS = 30_000
/** States of a machine, and entries of its other lists. */
export const MAX_STATES = 1_000
/** Members of an `input`, an `output`, a context. */
export const MAX_ENTRIES = 200
export const MAX_CHILDREN = 100
/** Longest wait before another attempt, seconds, and attempts. */
export const MAX_BACKOFF = 3_600
export const MAX_ATTEMPTS = 20
/** Faults that are reported of one file. */
export const MAX_FAULTS = 100
