import { stat, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { DEFAULT_CLUSTER_NAME, defaultClusterSpec } from '../config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE } from '../config/default-image.ts';
import type { ClusterConfig } from '../config/file/config.ts';
import { jsonSchema } from '../config/file/json-schema.ts';
import { parseConfig } from '../config/file/parse.ts';
import { specFromConfig } from '../config/file/to-spec.ts';
import { API_VERSION, apiVersions, KIND, schemaOf } from '../config/file/versions.ts';
import { clusterConfig, writeConfig } from '../config/file/write.ts';
import { readConfigText, STDIN } from '../engine/cluster/config-file.ts';
import { findFolderConfig } from '../engine/cluster/folder-config.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { clusterSpecFromFlags } from './cluster-flags.ts';
import { flag, handle, type Run, type Session } from './command.ts';
import { configFromFlags, standardInput } from './config-file.ts';
import { printStructured, structuredFormat } from './print.ts';

/** Where `config init` writes unless told otherwise. k3d cmd/config/configInit.go. */
const INIT_FILE = 'k3d-default.yaml';
const HIDDEN = '<hidden>';

/** `config init|view|migrate|schema`. k3d cmd/config. */
export function addConfigCommands(program: Command, session: Session): void {
  const config = program.command('config').description('make, look at and migrate config files of clusters');

  const init = config
    .command('init')
    .alias('create')
    .description('write a config file with the defaults, to begin with')
    .option('-o, --output <file>', `the file, or - for standard output (default: ${INIT_FILE})`);
  flag(init, '-f, --force', 'write over a file that is there');
  handle(init, session, initConfig);

  const view = config
    .command('view [FILE]')
    .alias('show')
    .description(
      "show what a config file asks for: variables replaced, migrated, with the environment's say (default: the file that `k3dui up` takes)",
    )
    .option('-o, --output <format>', 'json, or yaml as programs write it');
  flag(view, '--token', 'show token and passwords');
  handle(view, session, viewConfig);

  const migrate = config
    .command('migrate INPUT [OUTPUT]')
    .alias('update')
    .description(`write an older config file as ${API_VERSION} (OUTPUT left out or -: to standard output)`);
  handle(migrate, session, migrateConfig);

  const schema = config
    .command('schema [VERSION]')
    .description(`print the JSON schema of config files, for editors (default: ${API_VERSION})`);
  handle(schema, session, printSchema);
}

/** As k3d's, byte for byte. */
function defaultConfig(): string {
  return `---
apiVersion: ${API_VERSION}
kind: ${KIND}
metadata:
  name: ${DEFAULT_CLUSTER_NAME}
servers: 1
agents: 0
image: ${DEFAULT_K3S_IMAGE}
`;
}

async function initConfig({ flags, io, log }: Run<{ output?: string; force?: boolean }>): Promise<undefined> {
  const path = flags.output || INIT_FILE;
  if (path === STDIN) {
    // k3d ends with an empty line.
    io.stdout.write(`${defaultConfig()}\n`);
    return;
  }
  if (!flags.force && (await stat(path).catch(() => undefined))) {
    throw new K3duiError({
      code: 'FILE_EXISTS',
      message: 'Output file exists and --force was not set',
      hint: `write over it with --force, or name another: --output FILE (${path} is there)`,
    });
  }
  await write(path, defaultConfig());
  log.info(sanitise(`Wrote ${path}; create its cluster with: k3dui cluster create --config ${path}`));
}

async function viewConfig(run: Run<{ output?: string; token?: boolean }>): Promise<undefined> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const file = args[0] ?? (io.env.K3D_CONFIG || (await findFolderConfig(process.cwd(), io.env)));
  const loaded = await configFromFlags({ ...run, flags: { ...flags, config: file, output: format ?? 'yaml' } });
  const defaults = defaultClusterSpec(DEFAULT_K3S_IMAGE);
  const spec = clusterSpecFromFlags(
    undefined,
    {},
    {
      env: io.env,
      defaultImage: DEFAULT_K3S_IMAGE,
      ...(loaded && { config: specFromConfig(loaded.config, loaded.files, defaults) }),
    },
  );
  const shown = clusterConfig(spec) as unknown as ClusterConfig;
  if (!flags.token) hide(shown);
  if (format) await printStructured(io.stdout, format, shown);
  else io.stdout.write(writeConfig(shown));
}

function hide(config: ClusterConfig): void {
  if (config.token) config.token = HIDDEN;
  const proxy = config.registries?.create?.proxy;
  if (proxy?.password) proxy.password = HIDDEN;
  // A registries.yaml holds passwords wherever it likes.
  if (/^\s*(configs|auth)\s*:/m.test(config.registries?.config ?? '')) config.registries!.config = HIDDEN;
}

/** Variables in the file stay as they are, as with k3d. */
async function migrateConfig({ args, io, log }: Run<object>): Promise<undefined> {
  const [input = '', output = STDIN] = args;
  const text = input === STDIN ? await standardInput(io) : await readConfigText(input);
  const { config, apiVersion, warnings } = parseConfig(text, input);
  for (const { line, column, path, message } of warnings) {
    log.warn(sanitise(`config file ${input}, line ${line}:${column}: ${path}: ${message}`));
  }
  const migrated = writeConfig(config, { keepDollars: true });
  if (output === STDIN) {
    io.stdout.write(migrated);
    return;
  }
  await write(output, migrated);
  log.info(sanitise(`Migrated ${input} from ${apiVersion} to ${API_VERSION}: ${output}`));
}

async function printSchema({ args, io }: Run<object>): Promise<undefined> {
  const asked = args[0] ?? API_VERSION;
  const schema = schemaOf(asked.includes('/') ? asked : `k3d.io/${asked}`);
  if (!schema) {
    throw new K3duiError({
      code: 'CONFIG_VERSION',
      message: `there is no config file version '${asked}'`,
      hint: `one of ${apiVersions().join(', ')}`,
    });
  }
  io.stdout.write(`${JSON.stringify(jsonSchema(schema), null, 2)}\n`);
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new K3duiError({
      code: 'FILE_NOT_WRITTEN',
      message: `Failed to write to output file ${path}: ${(error as Error).message}`,
      hint: 'name a file in a folder that you may write to',
      cause: error,
    });
  }
}
