import { readFileSync } from 'node:fs';
import { Interrupts, type Io, type Output } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import type { Docker } from '../../src/docker/docker.ts';
import type { ContainerInspect, ContainerSummary } from '../../src/docker/types.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Snapshot } from '../../src/engine/model.ts';
import { openOperationLog } from '../../src/engine/operation-log.ts';

const FIXTURES = new URL('../fixtures/cli/', import.meta.url);

/** A file that real k3d's recordings left. */
export function fixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

export function inspects(name: string): ContainerInspect[] {
  return JSON.parse(fixture(`${name}.inspect.json`)) as ContainerInspect[];
}

/** What a command printed, and how it ended. */
export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line against an engine that holds these containers; only lists and inspects work. */
export async function runCli(
  argv: string[],
  containers: ContainerInspect[] = [],
  change: Partial<Io> = {},
): Promise<Printed> {
  const stdout = collector();
  const stderr = collector();
  const io: Io = {
    stdout,
    stderr,
    env: {},
    version: '1.2.3',
    interrupts: new Interrupts(),
    openEngine: async () => fakeEngine(containers),
    ...change,
  };
  const code = await runCommandLine(argv, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** An output that keeps what is written. */
export function collector(isTTY = false): Output & { text(): string } {
  let text = '';
  return {
    write(more) {
      text += more;
    },
    isTTY,
    columns: 80,
    rows: 24,
    text: () => text,
  };
}

export function fakeEngine(containers: ContainerInspect[]): Engine {
  const snapshot: Snapshot = {
    link: 'live',
    ...clustersFrom(containers.map(summaryOf), [], []),
    engine: undefined,
    revision: 1,
  };
  const docker = {
    endpoint: { address: 'unix:///fake.sock', source: 'default', demo: false },
    inspectContainer: async (id: string) => containers.find(container => container.Id === id)!,
    close() {},
  } as Partial<Docker> as Docker;
  return {
    docker,
    inventory: { snapshot, subscribe: () => () => {}, refresh: async () => {}, close() {} },
    operations: openOperationLog(),
    readOnly: false,
    env: {},
    close() {},
  };
}

/** The row of Docker's list that belongs to an inspect. */
function summaryOf(container: ContainerInspect): ContainerSummary {
  return {
    Id: container.Id,
    Names: [container.Name],
    Image: container.Config.Image,
    ImageID: container.Image,
    Created: Date.parse(container.Created) / 1000,
    State: container.State.Status,
    Status: 'Up 1 second',
    Labels: container.Config.Labels ?? {},
    NetworkSettings: { Networks: container.NetworkSettings.Networks },
  };
}
