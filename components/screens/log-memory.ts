import v8 from 'node:v8';

/**
 * Keeps V8's space for young objects as large as it is now. A flood of lines makes short-lived objects at a pace at which
 * V8 would let that space grow to 64 MB and more; collecting it a little more often costs less than that memory.
 */
export function keepYoungSpace(): void {
  try {
    v8.setFlagsFromString('--semi-space-growth-factor=1');
  } catch {
    // Another engine than V8, or a V8 without this flag: it only takes more memory.
  }
}
