import type { Access } from './http.ts';
import { kubeconfigFile, readIfThere, writeFile } from './paths.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');

/** The kubeconfig as k3s writes it: cluster, context and user are called `default`. The certificate carries its authority. */
export function kubeconfig(access: Required<Pick<Access, 'url' | 'ca' | 'cert' | 'key'>>, clientCa: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(access.ca)}
    server: ${access.url}
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: ${base64(access.cert + clientCa)}
    client-key-data: ${base64(access.key)}
`;
}

/** Writes the kubeconfig to its usual place, or to where K3S_KUBECONFIG_OUTPUT says with the usual place as a link's stead. */
export function writeKubeconfig(content: string, output: string | undefined, mode = 0o600): string[] {
  const paths = [...new Set([output ?? kubeconfigFile, kubeconfigFile])];
  for (const path of paths) writeFile(path, content, mode);
  return paths;
}

/** Reads the access out of KUBECONFIG or the usual place; undefined where there is no such file. */
export function readAccess(): Access | undefined {
  const text = readIfThere(process.env.KUBECONFIG ?? kubeconfigFile);
  if (text === undefined) return undefined;
  const value = (field: string) => new RegExp(`^ *${field}: (\\S+)`, 'm').exec(text)?.[1];
  const [ca, cert, key] = ['certificate-authority-data', 'client-certificate-data', 'client-key-data'].map(f =>
    plain(value(f)),
  );
  return { url: value('server') ?? '', ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
