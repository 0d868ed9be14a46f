import type { Controller } from '../controller.ts';
import type { DialogState } from '../state/app-state.ts';

/** What a dialog of one of these names is given. */
export interface DialogProps<Name extends DialogState['name']> {
  app: Controller;
  dialog: Extract<DialogState, { name: Name }>;
  screenWidth: number;
  screenHeight: number;
  /** Closes the dialog, then acts: what is begun may open another one. */
  done(act: () => void): void;
  onCancel(): void;
}
