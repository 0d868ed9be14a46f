import { isAbort, K3duiError } from '../errors.ts';
import type { ResolvedEndpoint } from './endpoint.ts';

/** The engine's answer to a request it refused. Internal to this room; leaves it as a K3duiError. */
export class EngineRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'EngineRefusal';
    this.status = status;
  }
}

/** The stream from the engine ended where it never should while the engine lives. */
export class LinkLost extends Error {}

/** What a call was about, so that its error can say so. */
export interface Subject {
  /** `start k3d-demo-server-0`: completes "cannot …". */
  doing: string;
  endpoint: ResolvedEndpoint;
  /** What the transport said last, e.g. ssh's own error. */
  lastWords?: string;
}

/** The error of a cancelled call. */
export function cancelled(doing: string, cause?: unknown): K3duiError {
  return new K3duiError({ code: 'CANCELLED', message: `cancelled: ${doing}`, cause, exitCode: 130 });
}

/** The one place where what Docker, Node or a stream throws becomes our error. Ours pass through unchanged. */
export function mapError(error: unknown, subject: Subject): K3duiError {
  if (error instanceof K3duiError) return error;
  if (isAbort(error)) return cancelled(subject.doing, error);
  if (error instanceof EngineRefusal) return refused(error, subject);
  return unreachable(error, subject);
}

function refused(error: EngineRefusal, { doing, endpoint }: Subject): K3duiError {
  const why = oneLine(error.message) || `the engine answered ${error.status}`;
  const make = (code: string, hint?: string, message = `cannot ${doing}: ${why}`) =>
    new K3duiError({ code, message, hint, cause: error });
  if (/HTTP request to an HTTPS server/i.test(why)) {
    return make(
      'DOCKER_UNREACHABLE',
      'set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use the right docker context',
      `the Docker engine at ${endpoint.address} wants TLS`,
    );
  }
  const port = takenPort(why);
  if (port !== undefined) {
    const at = port.ip && port.ip !== '0.0.0.0' && port.ip !== '::' ? ` on ${port.ip}` : '';
    return make(
      'PORT_TAKEN',
      'choose another host port, or stop what holds this one',
      `cannot ${doing}: host port ${port.port || '(unknown)'}${at} is already in use`,
    );
  }
  if (/No such image|manifest for .* not found|pull access denied/i.test(why)) {
    return make('IMAGE_MISSING', 'pull the image first, or check its name and tag');
  }
  if (error.status === 409 && /name .*already in use|already exists/i.test(why)) {
    return make('NAME_TAKEN', 'somebody may just have made it; choose another name, or remove what has it');
  }
  if (/Pool overlaps|overlaps with other one/i.test(why)) {
    return make('CONFLICT', 'choose another subnet, or leave it out so that Docker chooses');
  }
  if (/active endpoints|endpoint with name .* already exists|is ambiguous|volume is in use/i.test(why)) {
    return make('CONFLICT');
  }
  if (error.status === 404) return make('NOT_FOUND');
  if (error.status === 409) return make('CONFLICT');
  if (error.status === 401 || error.status === 403) {
    return make('PERMISSION_DENIED', 'the engine, or a plugin that guards it, refuses this to you');
  }
  if (/non-overlapping|all predefined address pools/i.test(why)) {
    return make('DOCKER_ERROR', 'Docker has no free subnet left: remove unused networks, or give a subnet');
  }
  if (/no space left on device/i.test(why)) return make('DOCKER_ERROR', 'free disk space where Docker keeps its data');
  return make('DOCKER_ERROR');
}

/**
 * The host port that Docker says it could not bind, from any of its wordings: `Bind for 0.0.0.0:8080 failed: port is
 * already allocated`, `listen tcp4 0.0.0.0:8080: bind: address already in use`, `failed to bind host port for
 * 127.0.0.1:80:172.18.0.2:80/tcp: address already in use`. Undefined when the text is about something else.
 */
export function takenPort(text: string): { ip: string; port: number } | undefined {
  if (!/port is already allocated|address already in use|Ports are not available|Only one usage of each/i.test(text)) {
    return undefined;
  }
  const address =
    /(?:Bind for|listen (?:tcp|udp|sctp)[46]?|bind (?:host )?port(?: for)?|exposing port \w+)\s+(\[[^\]]*\]|[\d.]*|::):(\d+)/i;
  const match = address.exec(text);
  if (!match)
    return /network|Address already in use$/.test(text) && !/port|bind/i.test(text) ? undefined : { ip: '', port: 0 };
  return { ip: match[1]!.replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}

function unreachable(error: unknown, { doing, endpoint, lastWords }: Subject): K3duiError {
  const code = (error as { code?: string })?.code ?? '';
  const { address } = endpoint;
  const why = oneLine(error instanceof Error ? error.message : String(error));
  const make = (message: string, hint: string) =>
    new K3duiError({ code: 'DOCKER_UNREACHABLE', message, hint, cause: error });
  if (code === 'EACCES' || code === 'EPERM') {
    return new K3duiError({
      code: 'PERMISSION_DENIED',
      message: `no permission to use the Docker engine at ${address}`,
      hint: 'add yourself to the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine',
      cause: error,
    });
  }
  if (address.startsWith('ssh://')) {
    const said = oneLine(lastWords ?? '') || why;
    return make(
      `the Docker engine at ${address} cannot be reached: ${said}`,
      `\`ssh ${address.slice('ssh://'.length)} docker version\` must work without asking for a password`,
    );
  }
  if (code === 'ENOENT' || code === 'ENOTSOCK') return make(...noSocket(endpoint));
  if (code === 'ECONNREFUSED') {
    return make(
      `nothing answers at ${address}`,
      'start the Docker engine (`sudo systemctl start docker`, Docker Desktop, `colima start`)',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return make(`the host of ${address} is not known`, `check the address; it comes from ${endpoint.source}`);
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
    return make(
      `TLS with the Docker engine at ${address} failed: ${why}`,
      'check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or in the docker context',
    );
  }
  if (code.startsWith('HPE_')) {
    return make(`what answers at ${address} is no Docker engine (${why})`, 'if it speaks TLS, set DOCKER_TLS_VERIFY=1');
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return make(
      `the Docker engine at ${address} does not answer`,
      'check that it runs and that the network leads there',
    );
  }
  if (error instanceof LinkLost || code === 'ECONNRESET' || code === 'EPIPE' || /socket hang up|aborted/.test(why)) {
    return make(`lost the Docker engine at ${address}: ${why}`, 'it may be restarting; look at `docker info`');
  }
  // Not the network's fault: a bug of ours or an answer that nobody foresaw. It keeps its own words.
  return new K3duiError({ code: 'DOCKER_ERROR', message: `cannot ${doing}: ${why}`, cause: error });
}

function noSocket({ address, tried, source }: ResolvedEndpoint): [string, string] {
  if (tried === undefined) {
    return [
      `there is no Docker engine at ${address}`,
      `the address comes from ${source}; start the engine or change it`,
    ];
  }
  return [
    'no Docker engine was found',
    'install or start one (Docker Engine, Docker Desktop, Colima, Podman), or set DOCKER_HOST to its address',
  ];
}

/** Engines put line breaks and Go prefixes into their messages; a message of ours is one line. */
function oneLine(text: string): string {
  return text
    .replace(/^Error response from daemon: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
