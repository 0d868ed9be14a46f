/** What a config file of today says it is. k3d pkg/config/v1alpha5/types.go. */
export const API_VERSION = 'k3d.io/v1alpha5';
export const KIND = 'Simple';
