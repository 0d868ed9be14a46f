import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { commandLine, shellWord } from '../../../config/command-line.ts';
import { K3duiError, toK3duiError } from '../../../errors.ts';
import { entriesOf, parseKubeconfig } from '../../kubeconfig/document.ts';
import { kubeconfigPaths, standalonePath } from '../../kubeconfig/file.ts';
import type { Cluster } from '../../model.ts';
import { contextName, userName } from '../../names.ts';
import type { ApiAddress } from '../../plan.ts';
import { connectTo } from '../../ports/probe.ts';
import { type Check, clusterCheck, engineCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { line, remedyOf, repair } from '../remedies.ts';

/** A cluster's entry in one file. */
export interface EntryFacts {
  file: string;
  /** The cluster's own file, which only this cluster is in. */
  standalone: boolean;
  server: string;
  /** Whether its authority is the cluster's. */
  sameAuthority: boolean;
  /** When its client certificate ends, in milliseconds; undefined when it has none that can be read. */
  until: number | undefined;
  /** `open`, or in words why nothing is reached there; undefined: not tried. */
  reached: string | undefined;
}

export interface KubeconfigFacts {
  cluster: Cluster;
  api: ApiAddress;
  entries: EntryFacts[];
  /** Whether the API answers where this machine should reach it; only then an entry can be blamed. */
  answers: boolean;
  now: number;
}

const SOON = 7 * 86_400_000;

/** Entries that lead nowhere, or into a cluster that was there before. */
function judgeKubeconfig({ cluster, api, entries, answers, now }: KubeconfigFacts): Symptom[] {
  return entries.flatMap((entry): Symptom[] => {
    const { file, server, sameAuthority, until, reached } = entry;
    const expected = serverOf(api);
    const evidence = [`${file}: server ${server}`, `the API is at ${expected}`];
    const found = (severity: Symptom['severity'], message: string, more: string[] = []): Symptom[] => [
      { severity, subject: file, message, evidence: [...evidence, ...more], remedy: repairEntry(cluster, api, entry) },
    ];
    if (!sameAuthority) {
      return found('problem', `the entry of ${cluster.name} is from an earlier cluster of that name`, [
        "its certificate authority is not the cluster's",
      ]);
    }
    if (answers && reached !== undefined && reached !== 'open') {
      return found('problem', `the entry of ${cluster.name} leads to ${server}, where nothing is reached`, [reached]);
    }
    if (until !== undefined && until - now < SOON) {
      const over = until <= now;
      return found(
        over ? 'problem' : 'warning',
        `the certificate in the entry of ${cluster.name} ${over ? 'has ended' : 'ends soon'}`,
        [`valid until ${new Date(until).toISOString()}`],
      );
    }
    return [];
  });
}

function serverOf({ host, port }: ApiAddress): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Reads the entry from the cluster again and puts it in its place; what others have in the file stays. */
function repairEntry(cluster: Cluster, api: ApiAddress, { file, standalone }: EntryFacts): Remedy {
  const server = cluster.servers.find(node => node.running) ?? cluster.servers[0];
  const command = standalone
    ? commandLine`k3dui kubeconfig merge ${cluster.name}`
    : commandLine`k3dui kubeconfig merge ${cluster.name} --output ${file} --kubeconfig-switch-context=false`;
  return remedyOf(
    repair(`repair the kubeconfig entry of ${cluster.name}`, command, cluster, [
      {
        id: 'kubeconfig',
        title: `write the entry in ${file} anew`,
        after: [],
        action: {
          kind: 'kubeconfig.merge',
          cluster: cluster.name,
          server: server?.name ?? '',
          api,
          switchContext: false,
          file,
        },
      },
    ]),
  );
}

/** A file that cannot be read as a kubeconfig. */
function judgeFiles(broken: { file: string; error: K3duiError }[]): Symptom[] {
  return broken.map(({ file, error }) => ({
    severity: 'problem',
    subject: file,
    message: 'kubectl and k3dui cannot read this kubeconfig',
    evidence: [error.message],
    remedy: line('open it and mend the line', `${'$'}{EDITOR:-vi} ${shellWord(file)}`),
  }));
}

interface Found {
  file: string;
  standalone: boolean;
  server: string;
  authority: string;
  certificate: string;
}

/** The cluster's entries in all files in use. */
async function entriesFor(env: NodeJS.ProcessEnv, cluster: string): Promise<Found[]> {
  const own = (() => {
    try {
      return [standalonePath(env, cluster)];
    } catch {
      return [];
    }
  })();
  const files = [
    ...kubeconfigPaths(env).map(file => ({ file, standalone: false })),
    ...own.map(file => ({ file, standalone: true })),
  ];
  const found = await Promise.all(
    files.map(async ({ file, standalone }): Promise<Found[]> => {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) return [];
      try {
        const document = parseKubeconfig(text, file);
        const entry = entriesOf(document, 'clusters').find(({ name }) => name === contextName(cluster))?.cluster;
        const user = entriesOf(document, 'users').find(({ name }) => name === userName(cluster))?.user;
        const value = (of: unknown, key: string) => String((of as Record<string, unknown> | undefined)?.[key] ?? '');
        if (!entry) return [];
        return [
          {
            file,
            standalone,
            server: value(entry, 'server'),
            authority: value(entry, 'certificate-authority-data'),
            certificate: value(user, 'client-certificate-data'),
          },
        ];
      } catch {
        // A broken file is a finding of its own.
        return [];
      }
    }),
  );
  return found.flat();
}

/** In words what a connection to the server comes to. */
async function reach(server: string, signal?: AbortSignal): Promise<string> {
  if (!URL.canParse(server)) return 'it is no address';
  const { hostname, port, protocol } = new URL(server);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isIP(host)) {
    const found = await lookup(host).catch(() => undefined);
    if (!found) return `${host} does not resolve on this machine`;
  }
  const number = Number(port) || (protocol === 'https:' ? 443 : 80);
  const { state, why } = await connectTo(host, number, 3000, signal);
  return state === 'open' ? 'open' : (why ?? `${host}:${number} does not answer`);
}

function certificateEnd(data: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(data, 'base64')).validTo);
  } catch {
    return undefined;
  }
}

/** The first certificate of a bundle, as text without its frame. */
const bare = (data: string): string => Buffer.from(data, 'base64').toString('utf8').replace(/\s/g, '');

export const KUBECONFIG_CHECKS: readonly Check[] = [
  engineCheck(
    'kubeconfig.files',
    'kubeconfig',
    'kubeconfig files can be read',
    async subject => {
      const broken = await Promise.all(
        kubeconfigPaths(subject.engine.env).map(async file => {
          const text = await readFile(file, 'utf8').catch(() => undefined);
          try {
            parseKubeconfig(text, file);
            return [];
          } catch (thrown) {
            return [{ file, error: toK3duiError(thrown) }];
          }
        }),
      );
      return broken.flat();
    },
    judgeFiles,
  ),
  clusterCheck(
    'kubeconfig.entry',
    'kubeconfig',
    "the cluster's kubeconfig entries lead to it",
    async subject => {
      const { cluster, api } = subject;
      if (!api) return undefined;
      const entries = await entriesFor(subject.engine.env, cluster.name);
      if (entries.length === 0) return undefined;
      const text = await subject.kubeconfig().catch(error => {
        if (error instanceof K3duiError && error.code.startsWith('KUBECONFIG')) return undefined;
        throw error;
      });
      if (text === undefined) return undefined;
      const own = entriesOf(parseKubeconfig(text), 'clusters')[0]?.cluster as Record<string, unknown> | undefined;
      const authority = bare(String(own?.['certificate-authority-data'] ?? ''));
      const answers = await subject.apiAnswers();
      return {
        cluster,
        api,
        answers,
        now: Date.now(),
        entries: await Promise.all(
          entries.map(async ({ file, standalone, server, authority: theirs, certificate }) => ({
            file,
            standalone,
            server,
            sameAuthority: theirs === '' || bare(theirs) === authority,
            until: certificateEnd(certificate),
            reached: answers ? await reach(server, subject.call.signal) : undefined,
          })),
        ),
      };
    },
    judgeKubeconfig,
  ),
];
