import { createHash, randomBytes } from 'node:crypto';

/** 64 hex digits, as containers, networks and execs have. */
export const newId = (): string => randomBytes(32).toString('hex');

/** The same text gives the same digest. */
export const digest = (text: string | Buffer): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A random whole number from `low` to `high`. */
export const between = (low: number, high: number): number => low + Math.floor(Math.random() * (high - low + 1));
