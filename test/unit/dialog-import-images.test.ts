import { describe, expect, it } from 'vitest';
import {
  addFile,
  editDraft,
  type ImportDraft,
  importDraft,
  partsOf,
  requestOf,
  shownCandidates,
  toImport,
  withHeld,
  withImages,
} from '../../components/dialogs/import-draft.ts';
import type { KeyPress } from '../../components/hooks/use-keys.ts';

const image = (...names: string[]) => ({
  Id: `sha256:${'dda31789'.repeat(8)}`,
  RepoTags: names,
  Size: 10,
  Created: 1000,
});

const key = (name: string): KeyPress => ({ name, text: name.length === 1 ? name : undefined }) as KeyPress;

/** The draft after these keys, letters typed one by one. */
function press(draft: ImportDraft, ...keys: string[]): ImportDraft {
  return keys.reduce((current, name) => editDraft(current, key(name), 10) ?? current, draft);
}

const open = (clusters = ['demo']) =>
  withImages(importDraft(clusters, clusters.slice(0, 1)), [
    image('shop/web:1', 'shop/web:latest'),
    image('<none>:<none>'),
    image('shop/api:1'),
  ]);

describe('the dialog that imports images', () => {
  it('offers every name in Docker, filters as it is typed into, and marks', () => {
    expect(shownCandidates(open()).map(({ name }) => name)).toEqual(['shop/web:1', 'shop/web:latest', 'shop/api:1']);
    const api = press(open(), ...'api');
    expect(shownCandidates(api).map(({ name }) => name)).toEqual(['shop/api:1']);
    expect(requestOf(api)).toEqual({ clusters: ['demo'], images: ['shop/api:1'], files: [], stdin: false });
    const both = press(open(), 'space', 'down', 'space');
    expect(toImport(both).map(({ name }) => name)).toEqual(['shop/web:1', 'shop/api:1']);
    expect(toImport(press(both, ...'zzz')).map(({ name }) => name)).toEqual(['shop/web:1', 'shop/api:1']);
  });

  it('asks for a tag when something is called :latest, and proposes one', () => {
    expect(partsOf(open())).not.toContain('retag');
    const latest = press(open(), 'down', 'space');
    expect(partsOf(latest)).toEqual(['images', 'file', 'retag', 'preview', 'cancel']);
    expect(requestOf(latest)).not.toHaveProperty('retag');
    const tagged = press(latest, 'tab', 'tab');
    expect(requestOf(tagged)).toMatchObject({ images: ['shop/web:latest'], retag: 'dev-dda31789' });
    expect(requestOf({ ...tagged, retag: { text: 'no tag', cursor: 0 } })).toBe("'no tag' is no tag");
  });

  it('asks for a tag also when an archive turns out to hold something called :latest', () => {
    const draft = withHeld(addFile(open(), '/tmp/a.tar', 5), '/tmp/a.tar', ['docker.io/library/web:latest']);
    expect(partsOf(draft)).toContain('retag');
    expect(requestOf(press(draft, 'tab', 'tab'))).toMatchObject({ files: ['/tmp/a.tar'], retag: 'dev' });
    expect(partsOf(withHeld(draft, '/tmp/a.tar', ['docker.io/library/web:1']))).not.toContain('retag');
  });

  it('takes archives, and several clusters', () => {
    const draft = addFile(open(['demo', 'other']), '/tmp/a.tar', 5);
    expect(requestOf(draft)).toMatchObject({ clusters: ['demo'], images: [], files: ['/tmp/a.tar'] });
    const two = press(draft, 'tab', 'tab', 'right', 'space');
    expect(requestOf(two)).toMatchObject({ clusters: ['demo', 'other'] });
    expect(requestOf(press(two, 'space', 'left', 'space'))).toBe('no cluster is chosen');
    // Docker's images come later than the dialog is opened.
    expect(toImport(withImages(draft, [image('late:1')])).map(({ name }) => name)).toEqual(['/tmp/a.tar']);
    expect(requestOf(importDraft(['demo'], ['demo']))).toBe('nothing is chosen');
  });
});
