import type { Cluster } from '../src/engine/model.ts';
import type { Operation } from '../src/engine/operation.ts';
import type { Controller } from './controller.ts';
import { clusterOfExposure, type ExposeLine } from './expose-work.ts';
import type { ClusterRow } from './screens/clusters-list.ts';
import type { PortLine } from './screens/ports-list.ts';
import type { Place } from './state/navigation.ts';

/** Marked clusters, or the selected one, or the one the place is about. */
export function clustersOf(app: Controller, place: Place): Cluster[] {
  const { clusters } = app.snapshot;
  if (place.screen === 'clusters') return (app.chosenRows(place) as ClusterRow[]).map(({ cluster }) => cluster);
  if (place.screen === 'ports') {
    const subject = place.subject ?? (app.selectedRow(place) as PortLine | undefined)?.row.cluster;
    return clusters.filter(cluster => cluster.name === subject);
  }
  if (place.screen === 'expose' || place.screen === 'exposure') {
    const line = app.selectedRow(place) as ExposeLine | undefined;
    const subject = place.screen === 'exposure' ? clusterOfExposure(place.subject) : place.subject;
    return clusters.filter(cluster => cluster.name === (subject ?? line?.cluster.name));
  }
  if (place.screen === 'cluster') return clusters.filter(cluster => cluster.name === place.subject);
  return [];
}

/** The operation that the place or its selected row is about. */
export function operationOf(app: Controller, place: Place): Operation | undefined {
  const { operations } = app.engine.operations;
  if (place.screen === 'operation') return operations.find(operation => operation.id === place.subject);
  return place.screen === 'operations' ? (app.selectedRow(place) as Operation | undefined) : undefined;
}
