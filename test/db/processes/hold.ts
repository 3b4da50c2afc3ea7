import BetterSqlite3 from 'better-sqlite3'

// Has the DB open as another program would, idle, in the middle of reading or with writes not yet in the file, until it
// is killed.
const [path = '', how = ''] = process.argv.slice(2)
const handle = new BetterSqlite3(path)
handle.prepare('select count(*) from executions').get()
const rows = how === 'reading' ? handle.prepare('select * from executions').iterate() : null
rows?.next()
if (how === 'written') handle.exec("insert into circuits (name, state) values ('from-the-log', 'closed')")
process.stdout.write('holds\n')
setInterval(() => rows, 60_000)
