import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { DEFAULT_K3S_IMAGE } from '../../src/config/default-image.ts';
import { runCli } from './cli-fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'k3dui-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\n';

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Standard input that holds this text. */
const input = (text: string): Partial<Io> => ({
  streams: { stdin: Readable.from([text]), env: {} } as unknown as NonNullable<Io['streams']>,
});

describe('config init', () => {
  it('prints what k3d prints (ops/27-config-init)', async () => {
    const { code, stdout } = await runCli(['config', 'init', '-o', '-']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `---\n${HEAD}metadata:\n  name: k3s-default\nservers: 1\nagents: 0\nimage: ${DEFAULT_K3S_IMAGE}\n\n`,
    });
  });

  it('writes no file over another, unless told to', async () => {
    const path = join(folder, 'init.yaml');
    expect(await runCli(['config', 'create', '--output', path])).toMatchObject({ code: 0, stderr: '' });
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, 'mine');
    const again = await runCli(['config', 'init', '-o', path]);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Output file exists and --force was not set'),
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(await runCli(['config', 'init', '-o', path, '-f'])).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('config migrate', () => {
  const v2 = file(
    'v2.yaml',
    'apiVersion: k3d.io/v1alpha2\nkind: Simple\nname: old\nlabels:\n- label: a=$B\n  nodeFilters: ["server[0]"]\n',
  );

  it('prints today’s version, variables as they are', async () => {
    expect(await runCli(['config', 'migrate', v2])).toEqual({
      code: 0,
      stderr: '',
      stdout: `${HEAD}metadata:\n  name: old\noptions:\n  runtime:\n    labels:\n      - label: a=$B\n        nodeFilters:\n          - server:0\n`,
    });
  });

  it('writes a file, and reads standard input', async () => {
    const out = join(folder, 'out.yaml');
    expect(await runCli(['config', 'update', v2, out])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(out),
    });
    const again = await runCli(['config', 'migrate', '-'], [], input(readFileSync(out, 'utf8')));
    expect(again.stdout).toBe(readFileSync(out, 'utf8'));
  });

  it('says where a file is wrong, and that one is not there', async () => {
    const bad = file('bad.yaml', 'apiVersion: k3d.io/v1alpha3\nkind: Simple\nservers: x\nagents: -1\n');
    const { code, stderr } = await runCli(['config', 'migrate', bad]);
    expect(code).toBe(1);
    expect(stderr).toContain('line 3:10: servers: Invalid type. Expected: number, given: string');
    expect(stderr).toMatch(/\n +line 4:9: agents: Must be greater than or equal to 0/);
    const missing = await runCli(['config', 'migrate', '/no/such.yaml']);
    expect(missing.stderr).toContain('Failed to stat config file /no/such.yaml: no such file or directory');
  });
});

describe('config view', () => {
  const path = file(
    'view.yaml',
    `${HEAD}metadata: {name: $WHO}\ntoken: secret\nregistries:\n  create: {name: r, proxy: {remoteURL: https://x, password: hush}}\n`,
  );

  it('shows what is asked for, but no secrets', async () => {
    const env = { WHO: 'me', K3D_AGENTS: '2' };
    const { code, stdout } = await runCli(['config', 'view', path], [], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('name: me\nservers: 1\nagents: 2\n');
    expect(stdout).toContain('token: <hidden>');
    expect(stdout).not.toMatch(/secret|hush/);
    expect((await runCli(['config', 'show', path, '--token'], [], { env })).stdout).toMatch(
      /token: secret\n(.*\n)*.*hush/,
    );
    const json = JSON.parse((await runCli(['config', 'view', path, '-o', 'json'], [], { env })).stdout);
    expect(json).toMatchObject({ kind: 'Simple', agents: 2, token: '<hidden>' });
  });
});

describe('config schema', () => {
  it('is printed for each version', async () => {
    const schema = JSON.parse((await runCli(['config', 'schema'])).stdout);
    expect(schema.properties.ports.items.properties.port).toMatchObject({ type: 'string' });
    expect(schema.additionalProperties).toBe(false);
    expect((await runCli(['config', 'schema', 'v1alpha3'])).stdout).toContain('k3d.io/v1alpha3');
    expect(await runCli(['config', 'schema', 'v1'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('k3d.io/v1alpha2'),
    });
  });
});

describe('cluster create --config', () => {
  it('says everything that is wrong with it, before it asks the engine anything', async () => {
    const bad = file('bad5.yaml', `${HEAD}agent: 2\nservers: "3"\n`);
    const openEngine = () => Promise.reject(new Error('asked'));
    const { code, stderr } = await runCli(['cluster', 'create', '--config', bad], [], { openEngine });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Schema Validation failed for config file ${bad}: line 3:1: (root): Additional property agent`,
    );
    expect(stderr).toContain("did you mean 'agents'?");
    expect(stderr).toContain('line 4:10: servers');
  });

  it('says that a file it names is not there, and where it names it', async () => {
    const path = file('files.yaml', `${HEAD}files:\n- source: nope.txt\n  destination: /x\n`);
    const { stderr } = await runCli(['cluster', 'create', '-c', path]);
    expect(stderr).toContain(`config file ${path}, line 4:11: files.0.source: failed to read source content`);
  });

  it('is no use with nothing on standard input', async () => {
    const streams = { stdin: { isTTY: true }, env: {} } as unknown as NonNullable<Io['streams']>;
    const { code, stderr } = await runCli(['cluster', 'create', '-c', '-'], [], { streams });
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing on standard input') });
  });
});
