import { K3duiError } from '../../errors.ts';

const BLOCK = 512;
/** Longer names and PAX records than this are not of this world. */
const LONGEST_HEADER = 1024 * 1024;

export interface TarEntry {
  name: string;
  size: number;
  type: 'file' | 'link' | 'other';
  /** Where a link leads. */
  target: string;
}

/** Where a tar comes from. One that can passes over what nobody wants to see. */
export interface TarSource extends AsyncIterable<Buffer> {
  skip?(bytes: number): void;
}

/**
 * Reads a tar as it comes, entry by entry, holding no more than a piece of it. tar-stream would do, at the price of a
 * stream and several copies for each entry.
 */
export class TarReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #skip: ((bytes: number) => void) | undefined;
  readonly #what: string;
  #piece: Buffer = Buffer.alloc(0);
  /** Bytes of the entry's body, and of the padding after it, that are still to come. */
  #body = 0;
  #padding = 0;
  #entries = 0;
  #read = 0;

  /** `what`: how errors call it. */
  constructor(source: TarSource, what: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#skip = source.skip?.bind(source);
    this.#what = what;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#read;
  }

  /** The next entry; undefined at the end. What is left of the body before is skipped. Throws ARCHIVE_INVALID, ARCHIVE_CUT. */
  async next(): Promise<TarEntry | undefined> {
    await this.#passOver();
    const extended: { name?: string; target?: string; size?: number } = {};
    for (;;) {
      const header = await this.#exactly(BLOCK, true);
      if (header === undefined || header.every(byte => byte === 0)) return undefined;
      if (!checksumHolds(header)) throw this.#invalid();
      this.#entries++;
      const size = number(header, 124, 12);
      const type = String.fromCharCode(header[156] ?? 0);
      this.#expect(size);
      if (type === 'L' || type === 'K' || type === 'x' || type === 'g') {
        if (size > LONGEST_HEADER) throw this.#invalid();
        const content = (await this.#exactly(size, false)) ?? Buffer.alloc(0);
        this.#body = 0;
        if (type === 'L') extended.name = cString(content);
        else if (type === 'K') extended.target = cString(content);
        else if (type === 'x') Object.assign(extended, paxRecords(content));
        continue;
      }
      const prefix = header.toString('latin1', 257, 262) === 'ustar' ? cString(header.subarray(345, 500)) : '';
      const plain = cString(header.subarray(0, 100));
      if (extended.size !== undefined) this.#expect(extended.size);
      return {
        name: tidy(extended.name ?? (prefix ? `${prefix}/${plain}` : plain)),
        size: this.#body,
        type: type === '0' || type === '\0' || type === '7' ? 'file' : type === '1' || type === '2' ? 'link' : 'other',
        target: extended.target ?? cString(header.subarray(157, 257)),
      };
    }
  }

  /** The entry's content in pieces, as far as it was not read yet. */
  async *body(): AsyncGenerator<Buffer> {
    while (this.#body > 0) {
      if (this.#piece.length === 0 && !(await this.#more())) throw this.#cut();
      const part = this.#piece.subarray(0, this.#body);
      this.#piece = this.#piece.subarray(part.length);
      this.#body -= part.length;
      yield part;
    }
    if (this.#padding > 0) await this.#exactly(this.#padding, false);
    this.#padding = 0;
  }

  /** The first byte of the body, which stays there; undefined when it is empty. */
  async peek(): Promise<number | undefined> {
    if (this.#body > 0 && this.#piece.length === 0) await this.#more();
    return this.#body > 0 ? this.#piece[0] : undefined;
  }

  /** What is left of the body, unseen. */
  async #passOver(): Promise<void> {
    const left = this.#body + this.#padding;
    if (this.#skip === undefined || left <= this.#piece.length) {
      for await (const _ of this.body());
      return;
    }
    this.#skip(left - this.#piece.length);
    this.#piece = Buffer.alloc(0);
    this.#body = 0;
    this.#padding = 0;
  }

  /** Reads on until the source has ended, as its sender may fail only then. */
  async drain(): Promise<void> {
    while (await this.#more());
  }

  close(): void {
    void this.#source.return?.()?.catch(() => {});
  }

  #expect(size: number): void {
    this.#body = size;
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#piece = value;
    this.#read += value.length;
    return true;
  }

  /** That many bytes; undefined when the source ends before the first of them and that is allowed. */
  async #exactly(count: number, mayEnd: boolean): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0; ) {
      if (this.#piece.length === 0 && !(await this.#more())) {
        if (missing === count && mayEnd && this.#entries > 0) return undefined;
        throw this.#entries === 0 ? this.#invalid() : this.#cut();
      }
      const part = this.#piece.subarray(0, missing);
      this.#piece = this.#piece.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  #invalid(): K3duiError {
    const nothing = this.#read === 0;
    return new K3duiError({
      code: 'ARCHIVE_INVALID',
      message: nothing ? `${this.#what} is empty` : `${this.#what} is no tar archive`,
      hint: 'what is imported is what docker save NAME:TAG writes (also compressed with gzip)',
    });
  }

  #cut(): K3duiError {
    return new K3duiError({
      code: 'ARCHIVE_CUT',
      message: `${this.#what} is cut short: it ends after ${this.#read} bytes, in the middle of a file`,
      hint: 'write it again and compare its size',
    });
  }
}

/** The header of a plain file that nobody may write to. `name` is at most 100 characters. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000444\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    // Too long for eleven octal digits: binary, marked by the highest bit.
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** What follows a file of that size up to the next block. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** What a tar ends with. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

function checksumHolds(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  return sum === number(header, 148, 8);
}

/** Octal text, or binary when the highest bit is set. */
function number(header: Buffer, at: number, length: number): number {
  if ((header[at]! & 0x80) === 0) return Number.parseInt(cString(header.subarray(at, at + length)).trim() || '0', 8);
  return Number(header.readBigUInt64BE(at + length - 8));
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** `27 path=some/long/name\n` … */
function paxRecords(content: Buffer): { name?: string; target?: string; size?: number } {
  const found: { name?: string; target?: string; size?: number } = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const length = Number(content.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length <= 0) break;
    const [, key, value = ''] = /^([^=]*)=([\s\S]*)\n$/.exec(content.toString('utf8', space + 1, at + length)) ?? [];
    if (key === 'path') found.name = value;
    else if (key === 'linkpath') found.target = value;
    else if (key === 'size') found.size = Number(value);
    at += length;
  }
  return found;
}

const tidy = (name: string): string => name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
