import type { ReactNode } from 'react';
import { registriesOf } from '../../src/engine/registry/model.ts';
import { sanitise } from '../../src/text.ts';
import { imageTexts } from '../keys/registry-keys.ts';
import { CreateRegistry } from './create-registry.tsx';
import type { DialogProps } from './dialog-props.ts';
import { Gone } from './gone.tsx';
import { Menu, type MenuItem } from './menu.tsx';

export type RegistryDialogName = 'registry-create' | 'registry-choose' | 'tag-delete';

/** The dialogs of the registries' screens; each ends in a preview of what will be done. */
export function RegistryDialogs(props: DialogProps<RegistryDialogName>): ReactNode {
  const { app, dialog, done, onCancel, screenWidth, screenHeight } = props;
  const screen = { screenWidth, screenHeight };
  const { registries, snapshot } = app;
  if (dialog.name === 'registry-create') {
    return (
      <CreateRegistry
        {...screen}
        engine={app.engine}
        clusters={snapshot.clusters.map(({ name }) => name)}
        plan={(...asked) => registries.planCreate(...asked)}
        onApply={(...planned) => done(() => registries.create(...planned))}
        onCancel={onCancel}
      />
    );
  }
  const registry = registriesOf(snapshot).find(({ node }) => node.name === dialog.registry);
  if (!registry) return <Gone app={app} what="registry" name={dialog.registry} />;
  const name = sanitise(dialog.registry);
  if (dialog.name === 'tag-delete') {
    return (
      <Menu
        {...screen}
        title={`Delete ${imageTexts(dialog.images)}?`}
        message="Other tags of the same image stay. The layers stay on the registry's disk until its garbage is collected; for that it is restarted."
        tone="bad"
        items={[
          { key: 't', label: 'Delete the tag only', detail: '', value: false },
          { key: 'z', label: 'Delete it, then collect the garbage', detail: '', value: true },
        ]}
        onPick={collect => done(() => registries.askDeleteTags(registry, dialog.images, collect))}
        onCancel={onCancel}
      />
    );
  }
  if (dialog.act === 'push') {
    const items = dialog.tags.map(tag => ({ label: tag, detail: '', value: tag }));
    return (
      <Menu
        {...screen}
        title={`Push to ${name}`}
        message={items.length > 0 ? "Which of Docker's images?" : 'Docker has no image with a name.'}
        items={items}
        onPick={tag => done(() => registries.askPush(registry, tag))}
        onCancel={onCancel}
      />
    );
  }
  const { act } = dialog;
  const images = dialog.act === 'copy' ? dialog.images : [];
  const joined = act !== 'connect';
  const items = snapshot.clusters
    .filter(cluster => registry.clusters.includes(cluster.name) === joined)
    .map((cluster): MenuItem<string> => ({ label: cluster.name, detail: cluster.status, value: cluster.name }));
  const titles = {
    connect: `Connect ${name} to which cluster?`,
    disconnect: `Disconnect ${name} from which cluster?`,
    copy: 'Copy into which cluster?',
  };
  return (
    <Menu
      {...screen}
      title={titles[act]}
      message={act === 'copy' ? `Its nodes pull ${imageTexts(images)}.` : undefined}
      items={items}
      onPick={cluster =>
        done(() => {
          if (act === 'connect') registries.askConnect(registry, cluster);
          else if (act === 'disconnect') registries.askDisconnect(registry, cluster);
          else registries.askCopy(registry, images, cluster);
        })
      }
      onCancel={onCancel}
    />
  );
}
