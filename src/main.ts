export { main, manifest } from './cli/main.js'
export { COMMANDS } from './commands/index.js'
