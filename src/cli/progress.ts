export interface Progress {
  update(text: string): void
  end(): void
}

/** Returns a line on stderr that is rewritten in place for a person who watches, and nothing for anybody else. */
export function progressLine(interactive: boolean): Progress {
  if (!interactive) return { update: () => undefined, end: () => undefined }
  return {
    update: (text) => process.stderr.write(`\r\x1b[2K${text}`),
    end: () => process.stderr.write('\r\x1b[2K'),
  }
}
