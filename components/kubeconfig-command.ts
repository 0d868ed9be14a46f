import type { KubeconfigChoice } from './dialogs/kubeconfig.tsx';

/** The command line that does what was chosen in the kubeconfig dialog. */
export function kubeconfigCommand(clusters: readonly string[], choice: KubeconfigChoice): string {
  const names = clusters.join(' ');
  switch (choice.kind) {
    case 'merge': {
      const context = choice.switchContext ? '' : '=false';
      return `k3dui kubeconfig merge ${names} --kubeconfig-merge-default --kubeconfig-switch-context${context}`;
    }
    case 'write':
      return `k3dui kubeconfig write ${names} --output ${choice.file}`;
    case 'copy-path':
      return `k3dui kubeconfig write ${names}`;
  }
}
