import { groupVersion, type Resource, resources } from './resources.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const groups = [...new Set(resources.filter(r => r.group !== '').map(r => r.group))];

function apiGroup(group: string) {
  const versions = [...new Set(resources.filter(r => r.group === group).map(r => r.version))].map(version => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion: versions[0] };
}

function resourceList(of: Resource[], name: string) {
  const list = of.map(r => ({
    name: r.plural,
    singularName: r.kind.toLowerCase(),
    namespaced: r.namespaced,
    kind: r.kind,
    verbs,
    ...(r.short.length > 0 && { shortNames: r.short }),
  }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: name, resources: list };
}

/** Just enough OpenAPI 3 for kubectl to see that the server itself checks fields, so that it asks for no schema. */
function openApi(name: string) {
  const paths: Record<string, unknown> = {};
  for (const r of resources.filter(r => groupVersion(r) === name)) {
    const kind = { group: r.group, version: r.version, kind: r.kind };
    const root = r.group === '' ? `/api/${r.version}` : `/apis/${r.group}/${r.version}`;
    const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }];
    const patch = {
      parameters,
      responses: {},
      'x-kubernetes-group-version-kind': kind,
      'x-kubernetes-action': 'patch',
    };
    paths[`${root}/${r.namespaced ? 'namespaces/{namespace}/' : ''}${r.plural}/{name}`] = { patch };
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'stand-in' }, paths };
}

/** The answer to a discovery path (`/api`, `/apis/apps/v1`, `/openapi/v3`…), or undefined where it is none. */
export function discovery(path: string): unknown {
  const parts = path.split('/').filter(Boolean);
  const [root, first, second] = parts;
  if (root === 'openapi' && first === 'v3') {
    if (parts.length > 2) return openApi(parts.slice(3).join('/'));
    const names = [...new Set(resources.map(groupVersion))].map(
      name => `${name.includes('/') ? 'apis' : 'api'}/${name}`,
    );
    return { paths: Object.fromEntries(names.map(n => [n, { serverRelativeURL: `/openapi/v3/${n}` }])) };
  }
  if (root === 'api' && parts.length === 1)
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (root === 'api' && parts.length === 2 && first === 'v1')
    return resourceList(
      resources.filter(r => r.group === ''),
      'v1',
    );
  if (root !== 'apis' || parts.length > 3) return undefined;
  if (first === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(apiGroup) };
  if (!groups.includes(first)) return undefined;
  if (second === undefined) return apiGroup(first);
  const name = `${first}/${second}`;
  const of = resources.filter(r => groupVersion(r) === name);
  return of.length > 0 ? resourceList(of, name) : undefined;
}
