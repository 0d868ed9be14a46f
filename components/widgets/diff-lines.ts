export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Which lines stay, go and come, by the longest common subsequence. Meant for files of a few hundred lines. */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const now = after === '' ? [] : after.replace(/\n$/, '').split('\n');
  // common[i][j]: length of the longest common subsequence of old[i…] and now[j…].
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i]![j] = old[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ kind: 'same', text: old[i]! });
      i++;
      j++;
    } else if (i < old.length && (j >= now.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ kind: 'removed', text: old[i++]! });
    } else {
      lines.push({ kind: 'added', text: now[j++]! });
    }
  }
  return lines;
}

/** Only the changes with `around` lines about them; a gap is a line of its own with how many lines it leaves out. */
export function hunks(lines: readonly DiffLine[], around = 2): (DiffLine | { kind: 'gap'; count: number })[] {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (line.kind === 'same') return;
    for (let other = at - around; other <= at + around; other++) near.add(other);
  });
  const out: (DiffLine | { kind: 'gap'; count: number })[] = [];
  let gap = 0;
  lines.forEach((line, at) => {
    if (near.has(at)) {
      if (gap > 0) out.push({ kind: 'gap', count: gap });
      gap = 0;
      out.push(line);
    } else {
      gap++;
    }
  });
  if (gap > 0) out.push({ kind: 'gap', count: gap });
  return out;
}
