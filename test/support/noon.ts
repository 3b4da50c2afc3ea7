/** 2026-03-04T12:00:00Z, the moment at which tests begin. */
export const NOON = Date.UTC(2026, 2, 4, 12)
