import { K3D_VERSION } from '../config/k3d-version.ts';
import { version } from '../version.ts';

/** On every container that we make: the k3d whose conventions it follows, and who made it. */
export const VERSION_LABELS = { 'k3d.version': K3D_VERSION, 'k3dui.version': version };
