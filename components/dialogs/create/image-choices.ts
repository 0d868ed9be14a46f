import { normaliseImage } from '../../../src/config/image.ts';
import type { ChoiceItem } from '../../widgets/choice-lines.ts';

/** Words that stand for a version, images that Docker has, and those that could be pulled; each with what is to know. */
export function imageChoices(
  here: readonly string[],
  published: readonly string[],
  hint: (image: string) => string | undefined = () => undefined,
): ChoiceItem[] {
  const known = new Set(here.map(full));
  const item = (label: string, where: string): ChoiceItem => {
    const detail = [where, hint(label)].filter(text => text !== undefined).join('; ');
    return { label, detail };
  };
  return [
    { label: 'stable', detail: 'the release that k3s calls stable' },
    { label: 'latest', detail: 'the newest release' },
    ...here.map(label => item(label, 'here')),
    ...published.filter(label => !known.has(full(label))).map(label => item(label, 'to be pulled')),
  ];
}

function full(image: string): string {
  try {
    return normaliseImage(image);
  } catch {
    return image;
  }
}
