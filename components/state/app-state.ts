import type { Difference } from '../../src/engine/cluster/differences.ts';
import type { Finding } from '../../src/engine/doctor/finding.ts';
import type { ImageRow } from '../../src/engine/image/matrix.ts';
import type { Plan } from '../../src/engine/plan.ts';
import type { ImageName } from '../../src/engine/registry/references.ts';
import type { K3duiError } from '../../src/errors.ts';
import type { MenuItem } from '../dialogs/menu.tsx';
import type { PortDialog } from '../dialogs/ports/wizard-state.ts';
import type { FieldState } from '../widgets/field-state.ts';
import { EMPTY_LIST, type ListState } from './list.ts';
import { currentPlace, type Navigation, placeKey, START } from './navigation.ts';
import { NO_PORTS, type PortsState } from './ports.ts';

/** The line at the bottom in which something is being typed. */
export interface PromptState {
  kind: 'command' | 'filter' | 'search' | 'keep' | 'save-log' | 'export-logs' | 'save-export';
  field: FieldState;
  /** What the filter was before, for Esc. */
  before: string;
  /** Which line of the history is shown; -1: none, what was typed. */
  recalled: number;
  typed: string;
  /** Which completion is chosen; -1: none yet. */
  choice: number;
}

/** A plan to look at before it is carried out. */
export interface PlanDialog {
  name: 'plan';
  plan: Plan;
  /** Word on the button that carries it out. */
  label: string;
  destructive: boolean;
  /** Word on the button that does not; default: Back. */
  back?: string;
  /** Plans anew, for a repetition; absent where only a new look tells whether it is still to be done. */
  again?: () => Promise<Plan>;
  /** It is about the marked rows of the list below: once it is begun they are marked no longer. */
  marked?: true;
}

/** A dialog over the screen. */
export type DialogState =
  /** `replaced`: the cluster that is made anew. */
  | { name: 'create'; replaced?: string }
  | { name: 'delete'; clusters: string[] }
  | { name: 'stop' | 'restart'; clusters: string[] }
  | { name: 'kubeconfig'; clusters: string[]; files: { merged: string; own: string } }
  | { name: 'port'; what: PortDialog }
  /** Gives a Service a host name. */
  | { name: 'ingress'; cluster: string; service: { namespace: string; name: string; port: number } }
  | { name: 'add-node'; cluster: string }
  | { name: 'clone'; cluster: string }
  /** A file's cluster that cannot become all that the file asks for while it goes on. */
  | { name: 'apply-left'; file: string; plan: Plan; again: () => Promise<Plan>; left: readonly Difference[] }
  | { name: 'node-stop' | 'node-restart' | 'node-delete'; nodes: string[] }
  | { name: 'cancel'; operation: string }
  | PlanDialog
  | { name: 'finding'; finding: Finding }
  | { name: 'image-import'; clusters: string[]; subject: string | undefined }
  | { name: 'image-pull'; image: string }
  | { name: 'image-details'; row: ImageRow }
  | { name: 'registry-create' }
  /** A cluster to connect, to disconnect or to copy images into; or an image to push. */
  | { name: 'registry-choose'; act: 'connect' | 'disconnect'; registry: string }
  | { name: 'registry-choose'; act: 'copy'; registry: string; images: ImageName[] }
  | { name: 'registry-choose'; act: 'push'; registry: string; tags: string[] }
  | { name: 'tag-delete'; registry: string; images: ImageName[] }
  | { name: 'quit' }
  | { name: 'copy'; choices: MenuItem<string>[] }
  | { name: 'equal'; command: string };

/** The line at the bottom: what the last action came to, and the command line that does the same. */
export interface Status {
  tone: 'good' | 'bad' | 'warn' | 'plain';
  text: string;
  command?: string;
  /** When it was said, in milliseconds. */
  at: number;
}

/** One line of the command log. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  at: number;
  command: string;
  /** The operation that carries it out; its state is the outcome. */
  operation?: string;
  outcome: string;
  tone: Status['tone'];
}

/** Text that a screen waits for: an inspect, for example. */
export interface Document {
  key: string;
  lines: readonly string[] | undefined;
  error?: K3duiError;
}

export interface AppState {
  navigation: Navigation;
  lists: Readonly<Record<string, ListState>>;
  prompt: PromptState | undefined;
  /** Lines typed after `:`, newest last. */
  history: readonly string[];
  dialog: DialogState | undefined;
  status: Status | undefined;
  log: readonly LogEntry[];
  document: Document | undefined;
  /** Only the body is shown. */
  fullScreen: boolean;
  /** Kubeconfig's context in use, as far as it was read. */
  context: string | undefined;
  ports: PortsState;
}

export const INITIAL: AppState = {
  navigation: START,
  lists: {},
  prompt: undefined,
  history: [],
  dialog: undefined,
  status: undefined,
  log: [],
  document: undefined,
  fullScreen: false,
  context: undefined,
  ports: NO_PORTS,
};

const LOG_LIMIT = 500;

export type AppAction =
  | { type: 'navigate'; change: (navigation: Navigation) => Navigation }
  /** Changes the list of a place; without one, of where the person is. */
  | { type: 'list'; key?: string; change: (list: ListState) => ListState }
  | { type: 'prompt'; prompt: PromptState | undefined }
  | { type: 'remember'; line: string }
  | { type: 'dialog'; dialog: DialogState | undefined }
  | { type: 'status'; status: Status | undefined }
  | { type: 'log'; entry: LogEntry }
  | { type: 'document'; document: Document | undefined }
  | { type: 'full-screen' }
  | { type: 'ports'; ports: Partial<PortsState> }
  | { type: 'context'; context: string | undefined };

export function reduce(state: AppState, action: AppAction): AppState {
  switch (action.type) {
    case 'navigate': {
      const navigation = action.change(state.navigation);
      return navigation === state.navigation ? state : { ...state, navigation, prompt: undefined };
    }
    case 'list': {
      const key = action.key ?? placeKey(currentPlace(state.navigation));
      const list = state.lists[key] ?? EMPTY_LIST;
      const next = action.change(list);
      return next === list ? state : { ...state, lists: { ...state.lists, [key]: next } };
    }
    case 'prompt':
      return { ...state, prompt: action.prompt };
    case 'remember':
      return { ...state, history: [...state.history.filter(line => line !== action.line), action.line].slice(-100) };
    case 'dialog':
      return { ...state, dialog: action.dialog };
    case 'status':
      return { ...state, status: action.status };
    case 'log':
      return { ...state, log: [...state.log, action.entry].slice(-LOG_LIMIT) };
    case 'document':
      return { ...state, document: action.document };
    case 'full-screen':
      return { ...state, fullScreen: !state.fullScreen };
    case 'ports':
      return { ...state, ports: { ...state.ports, ...action.ports } };
    case 'context':
      return state.context === action.context ? state : { ...state, context: action.context };
  }
}

/** How the list of a place is looked at. */
export function listOf(state: AppState, key = placeKey(currentPlace(state.navigation))): ListState {
  return state.lists[key] ?? EMPTY_LIST;
}
