import { parseApiPort } from '../../src/config/api-port.ts';
import type { RegistryRequest } from '../../src/engine/registry/create.ts';
import { K3duiError } from '../../src/errors.ts';
import { type FieldState, fieldOf, selectAll } from '../widgets/field-state.ts';

export type LineId = 'name' | 'port' | 'mirror' | 'username' | 'password' | 'kept' | 'clusters' | 'image';
export type SwitchId = 'deletable' | 'match';

/** One row of the form that makes a registry. */
export interface FormRow {
  id: LineId | SwitchId;
  label: string;
  placeholder?: string;
  help: string;
  secret?: true;
}

export const ROWS: readonly FormRow[] = [
  {
    id: 'name',
    label: 'Name',
    placeholder: 'registry',
    help: 'Its container and its name in clusters are k3d-NAME.',
  },
  {
    id: 'port',
    label: 'Port',
    placeholder: 'a free port on 0.0.0.0',
    help: '[ADDRESS:]PORT on this machine: 5000, 127.0.0.1:5000, random.',
  },
  {
    id: 'mirror',
    label: 'Mirror of',
    placeholder: 'nothing: Docker pushes to it',
    help: 'docker.io, ghcr.io or a URL: it then fetches and keeps what clusters pull from there, and takes no pushes.',
  },
  {
    id: 'username',
    label: 'User there',
    placeholder: 'nobody',
    help: 'User name at the mirrored registry, if it wants one.',
  },
  {
    id: 'password',
    label: 'Password',
    placeholder: 'none',
    secret: true,
    help: 'It is shown nowhere, and kept in no log.',
  },
  {
    id: 'kept',
    label: 'Images in',
    placeholder: 'its container: they go with it',
    help: 'A Docker volume or a folder in which the images outlive the registry.',
  },
  {
    id: 'deletable',
    label: 'Delete allowed',
    help: 'Tags can be deleted from it, and its disk freed of what they led to.',
  },
  {
    id: 'match',
    label: 'Same port inside',
    help: 'It listens in clusters on the port that this machine has for it, so that one name of an image fits both.',
  },
  {
    id: 'clusters',
    label: 'Connect to',
    placeholder: 'no cluster yet',
    help: 'Names of clusters, running or not, with spaces between.',
  },
  { id: 'image', label: 'Image', placeholder: 'docker.io/library/registry:2', help: 'Image of the registry itself.' },
];

export interface RegistryForm {
  lines: Readonly<Record<LineId, FieldState>>;
  switches: Readonly<Record<SwitchId, boolean>>;
}

export function emptyForm(): RegistryForm {
  const ids = ROWS.map(row => row.id).filter((id): id is LineId => !isSwitch(id));
  return {
    lines: Object.fromEntries(ids.map(id => [id, fieldOf('')])) as RegistryForm['lines'],
    switches: { deletable: true, match: true },
  };
}

export const isSwitch = (id: FormRow['id']): id is SwitchId => id === 'deletable' || id === 'match';

/** The focus comes to a row: what stands in its line is selected. */
export function enterRow(form: RegistryForm, at: number): RegistryForm {
  const row = ROWS[at];
  if (!row || isSwitch(row.id)) return form;
  return { ...form, lines: { ...form.lines, [row.id]: selectAll(form.lines[row.id]) } };
}

/** What the form asks for. Throws API_PORT_INVALID, CLUSTER_UNKNOWN. @param known names of the clusters there are */
export function readForm(
  { lines, switches }: RegistryForm,
  known: readonly string[],
): { request: RegistryRequest; clusters: string[] } {
  const text = (id: LineId) => lines[id].text.trim();
  const port = text('port');
  const exposure = port === '' ? undefined : parseApiPort(port);
  const [remoteURL, username, password] = [mirrorUrl(text('mirror')), text('username'), lines.password.text];
  const clusters = text('clusters')
    .split(/[\s,]+/)
    .filter(name => name !== '');
  const unknown = clusters.find(name => !known.includes(name));
  if (unknown !== undefined) {
    throw new K3duiError({
      code: 'CLUSTER_UNKNOWN',
      message: `there is no cluster '${unknown}'`,
      hint: known.length > 0 ? `there are: ${known.join(', ')}` : 'there is none yet',
    });
  }
  const proxied = remoteURL || username || password;
  return {
    clusters,
    request: {
      ...(text('name') && { name: `k3d-${text('name').replace(/^k3d-/, '')}` }),
      ...(exposure && port.includes(':') && { host: exposure.host }),
      hostPort: String(exposure?.hostPort ?? 'random'),
      ...(text('image') && { image: text('image') }),
      ...(text('kept') && { volumes: [`${text('kept')}:/var/lib/registry`] }),
      ...(proxied && {
        proxy: { ...(remoteURL && { remoteURL }), ...(username && { username }), ...(password && { password }) },
      }),
      ...(switches.deletable && { deleteEnabled: true }),
      ...(switches.match && { enforcePortMatch: true }),
    },
  };
}

/** `docker.io` → `https://registry-1.docker.io`, where its images really are; any other name with https. */
export function mirrorUrl(text: string): string {
  if (text === '' || /^[a-z]+:\/\//i.test(text)) return text;
  return /^(index\.)?docker\.io$|^hub\.docker\.com$/.test(text) ? 'https://registry-1.docker.io' : `https://${text}`;
}
