import type { Controller } from './controller.ts';
import type { PortLine } from './screens/ports-list.ts';
import type { Place } from './state/navigation.ts';

/** The marked paths of a ports screen, or the selected one. */
export function portLines(app: Controller, place: Place): PortLine[] {
  return place.screen === 'ports' ? (app.chosenRows(place) as PortLine[]) : [];
}

/** Every path that a ports screen lists. */
function portRows(app: Controller, place: Place): PortLine[] {
  return place.screen === 'ports' ? ((app.shaped(place)?.rows ?? []) as PortLine[]) : [];
}

/** Reads and tests again what the ports screen shows, when it is the one that is shown. */
export function readPortsAgain(app: Controller): void {
  for (const name of new Set(portRows(app, app.place).map(line => line.row.cluster))) app.portWatch.again(name);
}

/** The same, said. */
export function testPorts(app: Controller): void {
  readPortsAgain(app);
  app.say('plain', 'testing every port in sight …');
}

/** Scrolls the load balancer's file below the ports. */
export function scrollPortFile(app: Controller, by: number): void {
  const scroll = Math.max(0, Math.min(app.state.ports.scroll, app.portFileLast) + by);
  app.store.dispatch({ type: 'ports', ports: { scroll } });
}
