/** One line of a comparison: taken away, added, or the same in both. */
export interface DiffLine {
  sign: '-' | '+' | ' ';
  text: string;
}

/**
 * What differs between two texts, line by line, with `context` equal lines around each difference; lines left out between
 * are one line `…`. Empty when they are equal. For configurations: the longest common part costs their product.
 */
export function lineDiff(before: string, after: string, context = 2): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const common = commonLengths(a, b);
  const all: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push({ sign: ' ', text: a[i]! });
      i++;
      j++;
    } else if (j < b.length && (i === a.length || common[i]![j + 1]! > common[i + 1]![j]!)) {
      all.push({ sign: '+', text: b[j++]! });
    } else {
      all.push({ sign: '-', text: a[i++]! });
    }
  }
  const near = all.map((_, at) =>
    all.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== ' '),
  );
  return all.flatMap((line, at) => {
    if (near[at]) return [line];
    return near[at - 1] && near.slice(at).includes(true) ? [{ sign: ' ', text: '…' } satisfies DiffLine] : [];
  });
}

/** [i][j]: how many lines a from i and b from j have in common, in order. */
function commonLengths(a: string[], b: string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}
