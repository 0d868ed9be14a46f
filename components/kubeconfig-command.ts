import { commandLine } from '../src/config/command-line.ts';
import type { KubeconfigChoice } from './dialogs/kubeconfig.tsx';

/** The command line that does what was chosen in the kubeconfig dialog. */
export function kubeconfigCommand(clusters: readonly string[], choice: KubeconfigChoice): string {
  switch (choice.kind) {
    case 'merge': {
      const context = choice.switchContext ? '--kubeconfig-switch-context' : '--kubeconfig-switch-context=false';
      return commandLine`k3dui kubeconfig merge ${clusters} --kubeconfig-merge-default ${context}`;
    }
    case 'write':
      return commandLine`k3dui kubeconfig write ${clusters} --output ${choice.file}`;
    case 'copy-path':
      return commandLine`k3dui kubeconfig write ${clusters}`;
  }
}
