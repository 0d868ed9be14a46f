import type { Engine } from '../src/engine/engine.ts';
import { K3duiError } from '../src/errors.ts';
import type { ClusterActions } from './actions.ts';

type KubeconfigActions = Pick<ClusterActions, 'currentContext' | 'switchContext' | 'kubeconfigFiles' | 'kubeconfig'>;

/** What the app does to kubeconfig files. */
export function kubeconfigActions(_engine: Engine): KubeconfigActions {
  const missing = () => new K3duiError({ code: 'NOT_BUILT', message: 'not there yet' });
  return {
    currentContext: async () => undefined,
    switchContext: async () => {
      throw missing();
    },
    kubeconfigFiles: () => ({ merged: '', own: '' }),
    kubeconfig: async () => {
      throw missing();
    },
  };
}
