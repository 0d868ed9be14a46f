import { DEFAULT_REGISTRY_IMAGE } from '../default-image.ts';
import type { Format } from './formats.ts';

/** What may stand in a config file, as data: validation, `config schema` and migration are made from it. */
export type Schema = TextSchema | NumberSchema | BooleanSchema | AnySchema | ListSchema | ObjectSchema;

interface Described {
  description?: string;
  examples?: readonly string[];
}

export interface TextSchema extends Described {
  type: 'string';
  enum?: readonly string[];
  /** A grammar that the text must follow. */
  format?: Format;
  default?: string;
}

export interface NumberSchema extends Described {
  type: 'number';
  minimum?: number;
  default?: number;
}

export interface BooleanSchema extends Described {
  type: 'boolean';
  default?: boolean;
}

/** A text or a number, as for durations. */
export interface AnySchema extends Described {
  type: 'any';
  format?: Format;
}

export interface ListSchema extends Described {
  type: 'array';
  items: Schema;
}

export interface ObjectSchema extends Described {
  type: 'object';
  properties: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  /** Other keys are let pass, as k3d does there; they have no effect, which is said as a warning. */
  open?: true;
}

const text: TextSchema = { type: 'string' };

const nodeFilters: ListSchema = {
  type: 'array',
  description: 'Which nodes it is for; where it is left out: all, or the load balancer for ports.',
  items: { type: 'string', format: 'node filter' },
  examples: ['loadbalancer', 'server:*', 'server:0', 'agent:1', 'all'],
};

/** A list of `{ KEY: text, nodeFilters }`. */
export function filteredList(key: string, value: TextSchema, description?: string): ListSchema {
  return {
    type: 'array',
    ...(description ? { description } : {}),
    items: { type: 'object', properties: { [key]: value, nodeFilters } },
  };
}

const kubeAPI: ObjectSchema = {
  type: 'object',
  description: 'Where the Kubernetes API is published.',
  properties: {
    host: { type: 'string', format: 'hostname', description: 'The name or address that the kubeconfig names.' },
    hostIP: { type: 'string', format: 'ipv4', examples: ['0.0.0.0', '192.168.178.55'] },
    hostPort: { type: 'string', format: 'host port', examples: ['6443', 'random'] },
  },
};

const registryCreate: ObjectSchema = {
  type: 'object',
  description: 'A registry that is made and deleted with the cluster.',
  properties: {
    name: { type: 'string', examples: ['myregistry', 'registry.localhost'] },
    host: { type: 'string', examples: ['0.0.0.0', 'localhost', '127.0.0.1'], default: '0.0.0.0' },
    hostPort: { type: 'string', format: 'host port', examples: ['5000', '2345'], default: 'random' },
    image: { type: 'string', examples: ['myregistry/registry:2'], default: DEFAULT_REGISTRY_IMAGE },
    proxy: {
      type: 'object',
      description: 'Makes it a mirror of another registry.',
      properties: {
        remoteURL: { type: 'string', examples: ['https://registry-1.docker.io'] },
        username: text,
        password: text,
      },
    },
    volumes: { type: 'array', items: text, examples: ['/tmp/registry:/var/lib/registry'] },
    enforcePortMatch: { type: 'boolean', default: false },
  },
};

/** v1alpha5. Facts from k3d pkg/config/v1alpha5/schema.json. */
export const SCHEMA = {
  type: 'object',
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { type: 'string', enum: ['k3d.io/v1alpha5'], default: 'k3d.io/v1alpha5' },
    kind: { type: 'string', enum: ['Simple'], default: 'Simple' },
    metadata: {
      type: 'object',
      properties: {
        name: {
          type: 'string',
          format: 'hostname',
          description: "The cluster's name; its containers begin with k3d- and this.",
          examples: ['mycluster'],
        },
      },
    },
    servers: { type: 'number', minimum: 1, default: 1 },
    agents: { type: 'number', minimum: 0, default: 0 },
    kubeAPI,
    image: {
      type: 'string',
      description: 'Image of k3s, or one of the words latest, stable, +CHANNEL.',
      examples: ['rancher/k3s:v1.31.5-k3s1', 'latest', '+v1.31'],
    },
    network: { type: 'string', description: 'An existing network to join.' },
    subnet: { type: 'string', format: 'subnet', examples: ['172.28.0.0/16', 'auto'] },
    token: { type: 'string', description: 'The secret that nodes join with; a fresh one where it is left out.' },
    volumes: filteredList('volume', {
      type: 'string',
      format: 'volume',
      examples: ['./data:/data', 'k3d-cache:/cache'],
    }),
    ports: filteredList('port', { type: 'string', format: 'port', examples: ['8080:80', '127.0.0.1:8443:443'] }),
    env: filteredList('envVar', { type: 'string', format: 'variable', examples: ['HTTP_PROXY=http://proxy:3128'] }),
    files: {
      type: 'array',
      description: 'Files that are put into nodes before they start.',
      items: {
        type: 'object',
        required: ['source', 'destination'],
        properties: {
          source: { type: 'string', description: 'The text itself when it has several lines, else a path from here.' },
          destination: { type: 'string', format: 'file destination', examples: ['k3s-manifests-custom/app.yaml'] },
          description: text,
          nodeFilters,
        },
      },
    },
    registries: {
      type: 'object',
      open: true,
      properties: {
        create: registryCreate,
        use: { type: 'array', description: 'Registries to connect.', items: text, examples: ['k3d-registry:5000'] },
        config: { type: 'string', description: 'Text or path of a registries.yaml of k3s.' },
      },
    },
    hostAliases: {
      type: 'array',
      description: 'More names for addresses, known to nodes and pods.',
      items: {
        type: 'object',
        open: true,
        properties: {
          ip: { type: 'string', format: 'address' },
          hostnames: { type: 'array', items: { type: 'string', format: 'alias name' } },
        },
      },
    },
    options: {
      type: 'object',
      properties: {
        k3d: {
          type: 'object',
          properties: {
            wait: { type: 'boolean', default: true },
            timeout: { type: 'any', format: 'duration', examples: ['60s', '1m', '1m30s'] },
            disableLoadbalancer: { type: 'boolean', default: false },
            disableImageVolume: { type: 'boolean', default: false },
            disableRollback: { type: 'boolean', default: false },
            loadbalancer: {
              type: 'object',
              properties: {
                configOverrides: {
                  type: 'array',
                  items: { type: 'string', format: 'load balancer setting' },
                  examples: ['settings.workerConnections=2048', 'settings.defaultProxyTimeout=900'],
                },
              },
            },
          },
        },
        k3s: {
          type: 'object',
          properties: {
            extraArgs: filteredList('arg', { type: 'string', examples: ['--tls-san=127.0.0.1', '--disable=traefik'] }),
            nodeLabels: filteredList('label', { type: 'string', format: 'label', examples: ['zone=a'] }),
          },
        },
        kubeconfig: {
          type: 'object',
          properties: {
            updateDefaultKubeconfig: { type: 'boolean', default: true },
            switchCurrentContext: { type: 'boolean', default: true },
          },
        },
        runtime: {
          type: 'object',
          open: true,
          properties: {
            gpuRequest: { type: 'string', format: 'GPUs', examples: ['all', '2'] },
            serversMemory: { type: 'string', format: 'memory', examples: ['2g'] },
            agentsMemory: { type: 'string', format: 'memory', examples: ['512m'] },
            hostPidMode: { type: 'boolean', default: false },
            labels: filteredList('label', { type: 'string', format: 'container label', examples: ['team=web'] }),
            ulimits: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  name: { type: 'string', format: 'limit' },
                  soft: { type: 'number' },
                  hard: { type: 'number' },
                },
              },
            },
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;
