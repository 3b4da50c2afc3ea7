import { beforeEach } from 'vitest'
import { HAS_SERVER } from './postgres.js'

beforeEach((context) => {
  if (!HAS_SERVER) context.skip()
})
