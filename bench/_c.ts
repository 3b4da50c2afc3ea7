import { Kysely } from 'kysely'
import BetterSqlite3 from 'better-sqlite3'
import { saveCheckpoint } from '../src/db/checkpoints.js'
import { openDatabase } from '../src/db/open.js'
import { applyPragmas, ImmediateSqliteDialect } from '../src/db/sqlite.js'
import {rawSameRows} from './raw-db.js'
const path='/dev/shm/_c.sqlite'
await (await openDatabase(path)).close()
const handle = new BetterSqlite3(path); await applyPragmas(handle)
const db = new Kysely<any>({ dialect: new ImmediateSqliteDialect(handle) }) as any
const raw=rawSameRows(handle)
const mk=(id:string)=>{handle.prepare("insert into execution_leases values (?, 'bench', 'prep', 1, 1, '', '')").run(id); return Array.from({length:7},(_,s)=>({key:id+'/'+s,document:{execution_id:id,machine_name:'prep',event:'execute',current_state:'s',created_at:'x',context:{a:'What an abstract says about a paper. '.repeat(40),b:'x',c:'y',d:'zzzzzz'}} as any}))}
let n=0
for(let r=0;r<12;r++){
 const A=Array.from({length:300},()=>{const id='a'+n++;return {id,docs:mk(id)}}),B=Array.from({length:300},()=>{const id='b'+n++;return {id,docs:mk(id)}})
 let s=performance.now(); for(const {id,docs} of A) for(const d of docs) await saveCheckpoint(db,{executionId:id,ownerId:'bench',fencingToken:1,ttl:300},d.key,d.document,1767225600000); const a=performance.now()-s
 s=performance.now(); for(const {id,docs} of B) raw({executionId:id,documents:docs},1767225600000); const b=performance.now()-s
 console.log('store',(a/2.1).toFixed(1),'us raw',(b/2.1).toFixed(1),'us')
}
