import type { Command } from 'commander';
import { parseApiPort } from '../config/api-port.ts';
import { DEFAULT_REGISTRY_IMAGE } from '../config/default-image.ts';
import { splitFlag } from '../config/flag-filters.ts';
import {
  checkRegistryRequest,
  gatherRegistryFacts,
  planRegistryCreate,
  type RegistryRequest,
} from '../engine/registry/create.ts';
import { hostAddress, type Registry } from '../engine/registry/model.ts';
import type { Streams } from '../engine/shell/terminal-peer.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { addDryRunFlags, collect, flag, type Run } from './command.ts';
import { explain, SEVERAL } from './explain.ts';
import { clusterNamed, picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { throwProblems } from './problems.ts';
import { PASSWORD_VARIABLE } from './registry-flags.ts';
import { registryNamed } from './registry-list.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface RegistryCreateFlags {
  image?: string;
  port?: string;
  volume?: string[];
  cluster?: string[];
  defaultNetwork?: string;
  proxyRemoteUrl?: string;
  proxyUsername?: string;
  proxyPassword?: string;
  proxyPasswordStdin?: boolean;
  /** False: `--no-help`. */
  help?: boolean;
  deleteEnabled?: boolean;
  enforcePortMatch?: boolean;
  dryRun?: boolean;
  output?: string;
}

/** k3d 5.9's flags of `registry create`, and ours. */
export function addRegistryCreateFlags(command: Command): void {
  command
    .option('-i, --image <image>', `image of the registry (default: ${DEFAULT_REGISTRY_IMAGE})`)
    .option('-p, --port <port>', 'where it is published, [HOST:]HOSTPORT (default: random)')
    .option('-v, --volume <mount>', 'where it keeps its images, [SOURCE:]DEST *', collect)
    .option('-c, --cluster <cluster>', 'connect it to this cluster *', collect)
    .option('--default-network <network>', 'network that it is made in (default: bridge)')
    .option('--proxy-remote-url <url>', 'make it a mirror of this registry, as https://registry-1.docker.io')
    .option('--proxy-username <name>', 'user name there')
    .option('--proxy-password <password>', `password there; better in the variable ${PASSWORD_VARIABLE}`);
  flag(command, '--proxy-password-stdin', 'read that password from standard input');
  // Not `flag`: its hidden opposite would be --help, which then made a registry instead of telling how.
  command.option('--no-help', 'do not say how it is used');
  flag(command, '--delete-enabled', 'images may be deleted from it');
  flag(command, '--enforce-port-match', 'same port inside and outside, so that one name fits both');
  addDryRunFlags(command);
  explain(command, `${SEVERAL} NAME gives k3d-NAME, without it k3d-registry.`);
}

/** `registry create [NAME]`. k3d cmd/registry/registryCreate.go. */
export async function createRegistry(run: Run<RegistryCreateFlags>): Promise<number> {
  const { flags, io, log } = run;
  const password = await proxyPassword(run);
  const request = registryRequestFromFlags(run.args[0], flags, password);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const clusters = [...new Set(flags.cluster)].map(name => clusterNamed(snapshot, name));
  const facts = await gatherRegistryFacts(engine, request, clusters, { signal });
  throwProblems(checkRegistryRequest(request, facts), log);
  const plan = planRegistryCreate(request, facts);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const name = request.name ?? 'k3d-registry';
  const outcomes = await runPlans(run, engine, [{ name, plan }], () =>
    log.info(`Successfully created registry '${name}'`),
  );
  const exitCode = conclude(run, outcomes);
  if (flags.help !== false && !log.json) {
    await engine.inventory.refresh();
    const made = registryNamed(engine.inventory.snapshot, name);
    io.stdout.write(howToUse(made, made.clusters));
  }
  return exitCode;
}

/** The flags as a request. Throws API_PORT_INVALID, FLAG_FILTER_INVALID. */
function registryRequestFromFlags(
  name: string | undefined,
  flags: RegistryCreateFlags,
  password: string | undefined,
): RegistryRequest {
  const { port, proxyRemoteUrl: remoteURL, proxyUsername: username } = flags;
  const exposure = port === undefined ? undefined : parseApiPort(port);
  return {
    ...(name && { name: `k3d-${name}` }),
    ...(exposure && port!.includes(':') && { host: exposure.host }),
    hostPort: String(exposure?.hostPort ?? 'random'),
    ...(flags.image && { image: flags.image }),
    volumes: (flags.volume ?? []).map(text => splitFlag(text).value),
    ...(flags.defaultNetwork && { network: flags.defaultNetwork }),
    ...(remoteURL || username || password
      ? { proxy: { ...(remoteURL && { remoteURL }), ...(username && { username }), ...(password && { password }) } }
      : {}),
    ...(flags.deleteEnabled && { deleteEnabled: true }),
    ...(flags.enforcePortMatch && { enforcePortMatch: true }),
  };
}

/** From the flag, from standard input, or from the environment when there is a registry to be mirrored. */
async function proxyPassword({ flags, io }: Run<RegistryCreateFlags>): Promise<string | undefined> {
  if (flags.proxyPasswordStdin) {
    if (flags.proxyPassword) {
      throw new K3duiError({
        code: 'USAGE',
        message: '--proxy-password and --proxy-password-stdin exclude each other',
      });
    }
    return readLine(io.streams?.stdin);
  }
  return flags.proxyPassword || (flags.proxyRemoteUrl ? io.env[PASSWORD_VARIABLE] || undefined : undefined);
}

/** What comes in, without the end of its line. */
async function readLine(stdin: Streams['stdin'] | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** What can be done with it now, as lines that can be copied. */
function howToUse(registry: Registry, clusters: readonly string[]): string {
  const { node, hostPort, port } = registry;
  const name = sanitise(node.name);
  const host = hostAddress(registry) ?? `localhost:${hostPort}`;
  const connect =
    clusters.length > 0
      ? []
      : [
          '# let a cluster use it: a new one, or one that is there',
          `k3dui cluster create --registry-use ${name}:${hostPort}`,
          `k3dui registry connect ${name} --cluster NAME`,
          '',
        ];
  return [
    ...connect,
    '# put an image into it',
    `docker tag nginx:latest ${host}/mynginx:v0.1`,
    `docker push ${host}/mynginx:v0.1`,
    '',
    '# and run it',
    `kubectl run mynginx --image ${name}:${port}/mynginx:v0.1`,
    '',
  ].join('\n');
}
