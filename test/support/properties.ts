import fc from 'fast-check'

// The run's one seed is that of its properties too, so that RPA_TEST_SEED repeats them.
fc.configureGlobal({ seed: Number(process.env['RPA_TEST_SEED']) | 0 })

export default fc
