/** One seed for all chance of a run, told at its start: RPA_TEST_SEED repeats it. */
export default function tellSeed(): void {
  process.env['RPA_TEST_SEED'] ??= String(Math.floor(Math.random() * 2 ** 31))
  process.stdout.write(`chance: RPA_TEST_SEED=${process.env['RPA_TEST_SEED']}\n`)
}
