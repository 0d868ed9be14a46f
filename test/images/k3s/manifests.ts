import { existsSync, mkdirSync } from 'node:fs';
import { manifestDirectory, writeFile } from './paths.ts';

const coredns = (hosts: string): string => `apiVersion: v1
kind: ServiceAccount
metadata:
  name: coredns
  namespace: kube-system
---
apiVersion: v1
data:
  Corefile: |
    .:53 {
        errors
        health
        ready
        kubernetes cluster.local in-addr.arpa ip6.arpa {
          pods insecure
          fallthrough in-addr.arpa ip6.arpa
        }
        hosts /etc/coredns/NodeHosts {
          ttl 60
          reload 15s
          fallthrough
        }
        forward . /etc/resolv.conf
        cache 30
        loop
        reload
        loadbalance
    }
  NodeHosts: |
    ${hosts}
kind: ConfigMap
metadata:
  name: coredns
  namespace: kube-system
---
apiVersion: v1
kind: Service
metadata:
  name: kube-dns
  namespace: kube-system
  labels:
    k8s-app: kube-dns
    kubernetes.io/name: CoreDNS
spec:
  clusterIP: 10.43.0.10
  selector:
    k8s-app: kube-dns
  ports:
  - {name: dns, port: 53, protocol: UDP, targetPort: 53}
  - {name: dns-tcp, port: 53, protocol: TCP, targetPort: 53}
  - {name: metrics, port: 9153, protocol: TCP, targetPort: 9153}
`;

/** Writes the manifests that come with the server anew, as k3s does at every start; `.skip` files and `--disable` stay away. */
export function writeManifests(disabled: string[], hosts: string): void {
  mkdirSync(manifestDirectory, { recursive: true });
  const path = `${manifestDirectory}/coredns.yaml`;
  if (!disabled.includes('coredns') && !existsSync(`${path}.skip`)) writeFile(path, coredns(hosts));
}
