/** SQL type and constraints of each column, as SQLite knows them. */
export type Columns = Record<string, string>

export interface Migration {
  version: number
  name: string
  /** Tables and columns that must be there afterwards: what is missing is added, and nothing that is there is changed. */
  tables: Record<string, Columns>
  indexes?: readonly string[]
  /** What is put right in rows of before. Only SQLite's own: there were no others when these were frozen. */
  repairs?: readonly string[]
}
