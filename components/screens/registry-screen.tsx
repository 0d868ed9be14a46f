import { Box } from 'ink';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { Registry } from '../../src/engine/registry/model.ts';
import {
  type ImageName,
  type Proof,
  type Reference,
  type ReferencePlace,
  referencesOf,
} from '../../src/engine/registry/references.ts';
import { sanitise, stringWidth, truncate } from '../../src/text.ts';
import { useAgain } from '../hooks/use-again.ts';
import { proofKey } from '../registry-watch.ts';
import { type Theme, useTheme } from '../theme.ts';
import { Panel } from '../widgets/panel.tsx';
import { wrapText } from '../widgets/wrap.ts';

import { type BodyProps, ListScreen } from './list-screen.tsx';

/** Border and titles of a table. */
const TABLE_FRAME = 3;
/** Border, and for each reference itself, its proof and what it needs. */
const PANE_MOST = 11;
const PANE_LEAST = 8;

const PLACES: Record<ReferencePlace, string> = {
  cluster: 'in the cluster',
  host: 'on this host',
  name: 'in both',
};

/** Registries, their repositories, or the tags of one; the names that an image has below, each tried. */
export function RegistryScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width, height } = props;
  const { registries, registryWatch: watch } = app;
  const view = useSyncExternalStore(watch.subscribe, () => watch.view);
  const live = app.snapshot.link === 'live';
  const { screen, subject } = place;
  const ended = app.engine.operations.operations.filter(({ endedAt }) => endedAt !== undefined).length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen or subject is another thing to read
  useEffect(() => {
    if (live && screen !== 'registries') watch.browse(place);
  }, [watch, screen, subject, live]);
  useEffect(() => {
    if (live && !app.state.dialog) watch.look();
  });
  useEffect(() => () => watch.hide(), [watch]);
  useAgain(ended, () => live && watch.again(place));

  const [registry] = selected(props);
  const image = registries.image(place);
  useEffect(() => {
    if (live && registry && !app.state.dialog) watch.prove(registry, image);
  });
  const rows = app.shaped(place)?.rows.length ?? 0;
  const pane = registry && height >= 16 ? Math.max(PANE_LEAST, Math.min(PANE_MOST, height - rows - TABLE_FRAME)) : 0;
  const lines = registry ? referenceLines(theme, registry, image, view.proofs, width - 4, pane - 2) : [];
  return (
    <Box flexDirection="column" width={width} height={height}>
      <ListScreen {...props} height={height - pane} />
      {registry && pane > 0 ? (
        <Panel
          title={`References of ${sanitise(image ? `${image.repository}:${image.tag}` : `images in ${registry.node.name}`)}`}
          right="1 2 3 copies"
          width={width}
          height={pane}
          lines={props.faint ? lines.map(line => theme.paint('dim', line)) : lines}
        />
      ) : null}
    </Box>
  );
}

/** The registry that the screen or its selected row is about; of several marked ones the selected. */
function selected({ app, place }: BodyProps): Registry[] {
  if (place.screen !== 'registries') return app.registries.chosen(place);
  const row = app.selectedRow(place) as Registry | undefined;
  return row ? [row] : [];
}

/** Each reference with its proof below, and what it needs as far as there is room: the copy menu has that too. */
function referenceLines(
  theme: Theme,
  registry: Registry,
  image: ImageName | undefined,
  proofs: ReadonlyMap<string, Proof | 'trying'>,
  width: number,
  height: number,
): string[] {
  const references = referencesOf(registry, image);
  const drawn = [2, 1, 0].map(needs =>
    references.flatMap((reference, at) => {
      const proof = proofs.get(proofKey(registry, reference.place, image)) ?? 'trying';
      return oneReference(theme, reference, at + 1, proof, width, needs);
    }),
  );
  return drawn.find(lines => lines.length <= height) ?? drawn.at(-1)!;
}

/** @param needs lines at most for what it needs */
function oneReference(
  theme: Theme,
  { place, text }: Reference,
  number: number,
  proof: Proof | 'trying',
  width: number,
  needs: number,
): string[] {
  const label = `${number}  ${PLACES[place].padEnd(17)}`;
  const name = truncate(sanitise(text), Math.max(10, width - stringWidth(label) - 3));
  const [sign, tone] =
    proof === 'trying'
      ? (['…', 'dim'] as const)
      : proof.state === 'good'
        ? (['✓', 'good'] as const)
        : proof.state === 'bad'
          ? (['✗', 'bad'] as const)
          : (['?', 'warn'] as const);
  const said = proof === 'trying' ? 'is being tried' : proof.text;
  const head = `${theme.paint('key', label)}${proof !== 'trying' && proof.state === 'good' ? name : theme.paint('dim', name)}`;
  const indent = ' '.repeat(stringWidth(label));
  const room = width - indent.length - 2;
  const about = wrapText(said, room).slice(0, 1);
  const need = proof !== 'trying' && proof.need ? wrapText(`needs ${proof.need}`, room).slice(0, needs) : [];
  return [
    head,
    ...about.map(line => `${indent}${theme.paint(tone, `${sign} ${line}`)}`),
    ...need.map(line => `${indent}  ${theme.paint('warn', line)}`),
  ];
}
