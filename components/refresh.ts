import type { Controller } from './controller.ts';
import { REGISTRY_SCREENS } from './keys/registry-keys.ts';
import { readPortsAgain } from './port-lines.ts';

/** Reads everything that is shown from the engine again, and says when that is done. */
export function refresh(app: Controller): void {
  app.say('plain', 'reading everything again …');
  void app.work.readContext();
  readPortsAgain(app);
  if (app.place.screen === 'doctor') app.doctor.again(app.place.subject);
  if (app.place.screen === 'leftovers') app.leftovers.look();
  if (app.place.screen === 'images') app.images.look(app.place.subject);
  if (REGISTRY_SCREENS.includes(app.place.screen)) app.registryWatch.again(app.place);
  app.engine.inventory.refresh().then(
    () => app.say('good', 'read everything again'),
    error => app.runner.fail('refresh', error),
  );
}
