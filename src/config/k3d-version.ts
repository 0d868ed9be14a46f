/** The k3d whose labels, names, files and command line these are; written as the label `k3d.version`. */
export const K3D_VERSION = 'v5.9.0';
