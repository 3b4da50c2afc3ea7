import { afterAll, describe, expect, it } from 'vitest'
import { HAS_SERVER, keptDatabase } from '../support/postgres.js'
import { makeWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

afterAll(removeWorkspaces)

/** What a server says that has no room left, as soon as some rows are there. */
const FULL = `
  create function no_room() returns trigger language plpgsql as $$ begin
    if (select count(*) from machine_transitions) > 8 then
      raise exception using errcode = '53100', message = 'could not extend file: No space left on device';
    end if;
    return new;
  end $$;
  create trigger no_room before insert on machine_transitions for each row execute function no_room()`

describe.runIf(HAS_SERVER)('a server whose disk fills up while papers are in hand', () => {
  it('ends the command for now, fails no paper, and loses nothing', async () => {
    const workspace = await makeWorkspace({ profile: 'offline' })
    workspace.useServer(await keptDatabase())
    const ids = SAMPLES.slice(0, 4)
    await workspace.seed(...ids)
    workspace.change(FULL)

    const end = await workspace.rpa(['prep', '--json'])
    expect(end.code, end.stdout).toBe(75)
    expect(end.json<{ error: { code: string; message: string } }>().error).toMatchObject({
      code: 'db_disk_full',
      message: expect.stringMatching(/The disk of the server of postgres:.* is full/) as string,
    })
    expect(Object.values(workspace.statuses())).not.toContain('failed')

    workspace.change('drop trigger no_room on machine_transitions')
    await workspace.phase(['reap'])
    await workspace.phase(['prep'])
    expect(workspace.statuses()).toEqual(Object.fromEntries(ids.map((id) => [id, 'prepped'])))
    expect(workspace.query('select execution_id from executions where attempts <> 0')).toEqual([])
  })
})
