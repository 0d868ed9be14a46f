import { text } from 'node:stream/consumers';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { API_VERSION } from '../config/file/versions.ts';
import { type LoadedConfig, loadConfig, overrideFromEnvironment } from '../engine/cluster/config-file.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import type { Io } from './io.ts';

/** The config file that `--config` or K3D_CONFIG names, with what the environment says otherwise; undefined: none. */
export async function configFromFlags(
  run: Run<{ config?: string; output?: string }>,
  { nameOnly = false }: { nameOnly?: boolean } = {},
): Promise<LoadedConfig | undefined> {
  const { flags, io } = run;
  const path = flags.config || io.env.K3D_CONFIG;
  if (!path) return undefined;
  const loaded = await loadConfig(path, { env: io.env, stdin: () => standardInput(io), nameOnly });
  // Nothing but the plan where a program reads it.
  if (!flags.output) sayConfig(run, loaded);
  return { ...loaded, config: overrideFromEnvironment(loaded.config, io.env) };
}

/**
 * The name of the cluster that this file is about, or the one of `configFromFlags`: enough to delete it, whatever is
 * wrong with the rest. undefined: no file.
 */
export async function nameFromConfig(
  run: Run<{ config?: string; output?: string }>,
  file = run.flags.config,
): Promise<string | undefined> {
  const loaded = await configFromFlags({ ...run, flags: { ...run.flags, config: file } }, { nameOnly: true });
  return loaded && (loaded.config.metadata?.name || DEFAULT_CLUSTER_NAME);
}

/** Says which file is used, in k3d's words, and what is worth knowing about it. */
function sayConfig(
  { log }: Pick<Run<object>, 'log'>,
  { path, apiVersion, warnings, missing, config }: LoadedConfig,
): void {
  const what = `${apiVersion}#${config.kind}`.toLowerCase();
  log.info(sanitise(`Using config file ${path} (${what})`));
  if (apiVersion !== API_VERSION) {
    log.warn(
      sanitise(
        `Default config apiVersion is '${API_VERSION}', but you're using '${apiVersion}': consider migrating (k3dui config migrate ${path}).`,
      ),
    );
  }
  for (const { name, line } of missing) {
    log.warn(
      sanitise(
        `config file ${path}, line ${line}: $${name} is not set, so nothing stands there (\\x24 in double quotes is a $)`,
      ),
    );
  }
  for (const { line, column, path: key, message, hint } of warnings) {
    const more = hint ? ` (${hint})` : '';
    log.warn(sanitise(`config file ${path}, line ${line}:${column}: ${key}: ${message}${more}`));
  }
}

/** All of standard input. Throws USAGE where there is none, or a terminal that nobody would type a file into. */
export async function standardInput({ streams }: Io): Promise<string> {
  if (!streams || streams.stdin.isTTY) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'there is nothing on standard input',
      hint: 'pipe a file into it: cat demo.yaml | k3dui cluster create -c -',
    });
  }
  return text(streams.stdin);
}
