import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseStored } from '../../src/engine/image/content.ts';
import { parseBuilt, parseContainers, parseImages } from '../../src/engine/image/crictl.ts';
import { parseHistory } from '../../src/engine/image/history.ts';
import { podsOf } from '../../src/engine/image/remove.ts';

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/image', name), 'utf8');

describe('what containerd in nodes says', () => {
  it('is read as k3s 1.21 says it: images, their names, and the pods that use them', () => {
    const images = parseImages(recorded('k3s-1.21-images.json'));
    expect(images.find(({ names }) => names.includes('docker.io/library/testapp:local'))).toEqual({
      id: 'sha256:44078ddaab6e132a4cc0d290a82b5454cec897f88919fd4984645644f0527e1e',
      names: ['docker.io/library/testapp:local', 'runreg:5000/team/testapp:v1'],
      digests: ['runreg:5000/team/testapp@sha256:09626ea7c08d2e8782a27f152898ab9bd9c3a448b27b2c29c25570734ed1087f'],
      size: 2_136_140,
      pinned: false,
    });
    const containers = parseContainers(recorded('k3s-1.21-ps.json'));
    const node = { node: 'n', cluster: 'c', images, containers };
    const app = images.find(({ names }) => names.includes('docker.io/library/testapp:local'))!;
    expect(podsOf(node, app)).toContain('default/fromreg');
    expect(containers.every(({ running }) => running)).toBe(true);
  });

  it('is read as newer crictl says it, and what is broken is no image', () => {
    const newer = JSON.stringify({
      images: [
        {
          id: 'sha256:1',
          repoTags: null,
          repoDigests: ['<none>@<none>'],
          size: 12,
          pinned: true,
          uid: { value: '0' },
          username: '',
        },
      ],
    });
    expect(parseImages(newer)).toEqual([{ id: 'sha256:1', names: [], digests: [], size: 12, pinned: true }]);
    for (const broken of ['', 'FATA[0000] connect: connection refused', '[]', 'null', '{"images":null}'])
      expect(parseImages(broken)).toEqual([]);
    expect(parseContainers('{"containers":[{}]}')).toEqual([
      { name: '', pod: '', namespace: '', imageRef: '', running: false },
    ]);
  });

  it('tells when images were built, one or several at once', () => {
    const one = (id: string, created: string) =>
      JSON.stringify({ status: { id }, info: { imageSpec: { created } } }, null, 2);
    const both = `${one('sha256:a', '2026-01-01T00:00:00Z')}\n${one('sha256:b', 'never')}\n`;
    expect([...parseBuilt(both)]).toEqual([['sha256:a', Date.UTC(2026, 0, 1) / 1000]]);
    expect([...parseBuilt(`[${one('sha256:c', '2026-01-01T00:00:01.5Z')}]`)]).toHaveLength(1);
    expect([...parseBuilt('no such image')]).toEqual([]);
  });

  it('tells how images were built, with their layers, the latest step first', () => {
    const step = (created_by: string, more = {}) => ({ created: '2026-01-01T00:00:00Z', created_by, ...more });
    const imageSpec = {
      rootfs: { diff_ids: ['sha256:a', 'sha256:b', 'sha256:c'] },
      history: [
        step(`/bin/sh -c #(nop) ADD file:${'0123456789abcdef'.repeat(4)} in / `),
        step('/bin/sh -c #(nop)  ENV A=1', { empty_layer: true }),
        step('RUN /bin/sh -c make && make  install # buildkit'),
      ],
    };
    const created = Date.UTC(2026, 0, 1) / 1000;
    const at = { created, size: undefined };
    expect(parseHistory(JSON.stringify({ info: { imageSpec } }))).toEqual([
      { by: '', created: undefined, layer: 'sha256:c', size: undefined },
      { ...at, by: 'RUN make && make install', layer: 'sha256:b' },
      { ...at, by: 'ENV A=1', layer: undefined },
      { ...at, by: 'ADD file:01234567 in /', layer: 'sha256:a' },
    ]);
    expect(parseHistory('no such image')).toEqual([]);
  });

  it('tells which layers it has, with sizes to the byte', () => {
    const [plain, packed, unpacked, unused] = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(64));
    const text = [
      'DIGEST\t\t\tSIZE\tAGE\t\tLABELS',
      `sha256:${plain}\t35.71MB\t3 seconds\tcontainerd.io/uncompressed=sha256:${plain}`,
      `sha256:${packed}\t2.1MB\t2 minutes\tcontainerd.io/gc.ref.x=y,containerd.io/uncompressed=sha256:${unpacked}`,
      `sha256:${unused}\t424B\t1 second\tcontainerd.io/gc.ref.content.l.0=sha256:${plain}`,
      'total 100',
      `-r--r--r--    1 0        0         35706880 Nov 23 09:36 ${plain}`,
      `-r--r--r--    1 0        0          2100001 Nov 23 09:36 ${packed}`,
      `-r--r--r--    1 0        0              424 Nov 23 09:36 ${unused}`,
    ].join('\n');
    expect([...parseStored(text)]).toEqual([
      [`sha256:${plain}`, { digest: `sha256:${plain}`, size: 35_706_880 }],
      [`sha256:${packed}`, { digest: `sha256:${packed}`, size: 2_100_001 }],
      [`sha256:${unpacked}`, { digest: `sha256:${packed}`, size: 2_100_001 }],
      [`sha256:${unused}`, { digest: `sha256:${unused}`, size: 424 }],
    ]);
    expect([...parseStored('sh: ctr: not found')]).toEqual([]);
  });
});
