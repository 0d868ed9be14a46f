/** The fields of a protobuf message by number: whole numbers as they are, texts and messages as bytes. */
export type Message = Map<number, (bigint | Buffer)[]>;

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** Writes one field: a text, bytes (a message), or a switch that is on. */
export function field(number: number, value: string | Buffer | true): Buffer {
  if (value === true) return Buffer.concat([varint(number << 3), varint(1)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

/** Reads a message's fields; those of fixed width are left out, as no message here has any that matter. */
export function decode(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const number = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(number());
    const wire = key & 7;
    if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const value = number();
      const known = message.get(key >> 3) ?? [];
      if (wire === 0) known.push(value);
      else {
        known.push(bytes.subarray(at, at + Number(value)));
        at += Number(value);
      }
      message.set(key >> 3, known);
    }
  }
  return message;
}

export const texts = (message: Message, number: number): string[] =>
  (message.get(number) ?? []).map(value => value.toString());

export const messages = (message: Message, number: number): Message[] =>
  (message.get(number) ?? []).map(value => decode(value as Buffer));
