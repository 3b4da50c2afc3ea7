import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { backendSuite } from './backend-suite.js'

backendSuite('memory backend', async () => new MemoryCheckpointBackend())
