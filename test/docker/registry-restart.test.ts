import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDocker, until } from '../bed/docker.ts';
import { PrivateEngine, whyNoPrivateEngine } from '../bed/private-engine.ts';
import { programFile } from '../bed/program.ts';
import { makeTinyImage } from '../bed/tiny-image.ts';

const bed = await testDocker();
const image = bed.images.K3DUI_TEST_REGISTRY_IMAGE;

describe.skipIf(bed.skip || whyNoPrivateEngine())('a registry when the engine is restarted', () => {
  const home = mkdtempSync(join(tmpdir(), 'k3dui-restart-'));
  let engine: PrivateEngine;

  const k3dui = (...args: string[]) =>
    engine.run([process.execPath, programFile(), '--host', engine.host, ...args], {
      PATH: process.env.PATH,
      HOME: home,
    });

  beforeAll(async () => {
    engine = await PrivateEngine.start(bed.docker);
    await engine.docker.loadImage(await bed.docker.getImage(image).get()).then(async stream => {
      for await (const _ of stream);
    });
  });
  afterAll(async () => {
    await engine?.remove();
    rmSync(home, { recursive: true, force: true });
  });

  test('comes back by itself, on its port, with all that was pushed to it', async () => {
    await makeTinyImage(engine.docker, 'team/app:v1', 'one');
    await k3dui('registry', 'create', 'kept', '-i', image, '-p', '5000', '--no-help');
    await k3dui('registry', 'push', 'kept', 'team/app:v1');
    const before = await k3dui('registry', 'browse', 'kept', 'team/app', '-o', 'json');
    expect(JSON.parse(before)).toMatchObject([{ tag: 'v1', kind: 'image' }]);
    await engine.down();
    await expect(k3dui('registry', 'list')).rejects.toMatchObject({ stderr: expect.stringMatching(/engine/) });
    await engine.up();
    const after = await until('the registry answers again', () =>
      k3dui('registry', 'browse', 'kept', 'team/app', '-o', 'json'),
    );
    expect(JSON.parse(after)).toEqual(JSON.parse(before));
    expect(await k3dui('registry', 'references', 'kept', 'team/app:v1')).toMatch(/localhost:5000\/team\/app:v1 +works/);
  });
});
