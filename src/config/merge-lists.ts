/** A value and whose list it stands in. */
export interface MergedValue {
  value: string;
  owners: Set<string>;
}

/**
 * Several owners' ordered lists as one list, from which each owner's own can be read again in its order: its values are
 * those that name it. What several have in common stands there once, unless their order forbids it. Pure.
 */
export function mergeLists(lists: Iterable<readonly [owner: string, values: readonly string[]]>): MergedValue[] {
  const merged: MergedValue[] = [];
  for (const [owner, values] of lists) {
    let last = -1;
    for (const [i, value] of values.entries()) {
      const place = merged.findIndex((other, at) => at > last && other.value === value);
      if (place >= 0) {
        merged[place]!.owners.add(owner);
        last = place;
      } else {
        // Before what it shares with others, if anything follows that it does; else at the end.
        const shares = values
          .slice(i + 1)
          .some(later => merged.some((other, at) => at > last && other.value === later));
        last = shares ? last + 1 : merged.length;
        merged.splice(last, 0, { value, owners: new Set([owner]) });
      }
    }
  }
  return merged;
}
