/** k3s' own flags (k3s 1.21 to 1.31); a switch takes no value. Anything else is refused, as k3s refuses it. */
const switches = words(`
  cluster-init cluster-reset debug disable-agent disable-apiserver disable-cloud-controller disable-controller-manager disable-etcd
  disable-helm-controller disable-kube-proxy disable-network-policy disable-scheduler docker embedded-registry enable-pprof
  etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-skip-ssl-verify etcd-snapshot-compress flannel-external-ip
  flannel-ipv6-masq multi-cluster-cidr prefer-bundled-bin protect-kernel-defaults rootless secrets-encryption
  selinux supervisor-metrics tls-san-security disable-default-registry-endpoint egress-selector
  flannel-iface-can-reach alsologtostderr no-flannel`);
const valued = words(`
  advertise-address advertise-port agent-token agent-token-file airgap-extra-registry bind-address cluster-cidr cluster-dns
  cluster-domain cluster-reset-restore-path config container-runtime-endpoint cri-dockerd data-dir datastore-cafile
  datastore-certfile datastore-endpoint datastore-keyfile default-local-storage-path default-runtime disable egress-selector-mode
  etcd-arg etcd-s3-access-key etcd-s3-bucket etcd-s3-endpoint etcd-s3-folder etcd-s3-region etcd-s3-secret-key
  etcd-snapshot-dir etcd-snapshot-name etcd-snapshot-retention etcd-snapshot-schedule-cron flannel-backend flannel-conf
  flannel-cni-conf flannel-iface https-listen-port http-listen-port image-credential-provider-bin-dir
  image-credential-provider-config image-service-endpoint kine-tls kube-apiserver-arg kube-cloud-controller-manager-arg
  kube-controller-manager-arg kube-proxy-arg kube-scheduler-arg kubelet-arg lb-server-port log node-external-dns
  node-external-ip node-internal-dns node-ip node-label node-name node-taint nonroot-devices pause-image
  private-registry resolv-conf secrets-encryption-provider server service-cidr service-node-port-range snapshotter
  system-default-registry tls-san token token-file v vmodule vpn-auth vpn-auth-file with-node-id write-kubeconfig
  write-kubeconfig-group write-kubeconfig-mode etcd-s3-timeout
  etcd-s3-endpoint-ca helm-job-image cluster-secret no-deploy`);
const short: Record<string, string> = {
  d: 'data-dir',
  l: 'log',
  o: 'write-kubeconfig',
  s: 'server',
  t: 'token',
  c: 'config',
};

function words(list: string): Set<string> {
  return new Set(list.trim().split(/\s+/));
}

/** The flags of one command line: every value of every flag, in order. A switch has the value `true`. */
export class Flags {
  readonly #values = new Map<string, string[]>();

  /** @throws Error with the text k3s prints, when a flag is unknown or lacks its value. */
  constructor(args: string[]) {
    for (let i = 0; i < args.length; i++) {
      const [, given, inline] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(args[i] ?? '') ?? [];
      if (given === undefined) continue;
      const name = short[given] ?? given;
      if (switches.has(name)) this.#add(name, inline ?? 'true');
      else if (!valued.has(name)) throw new Error(`flag provided but not defined: -${given}`);
      else if (inline !== undefined) this.#add(name, inline);
      else if (i + 1 < args.length) this.#add(name, args[++i] ?? '');
      else throw new Error(`flag needs an argument: -${given}`);
    }
  }

  #add(name: string, value: string): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  /** All values given to a flag. */
  all(name: string): string[] {
    return this.#values.get(name) ?? [];
  }

  /** The last value given to a flag. */
  last(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** Whether a switch is on. */
  on(name: string): boolean {
    const value = this.last(name);
    return value !== undefined && value !== 'false';
  }
}
