import { TABLES } from './keys/definition.ts';
import { KEYS, type KeyDefinition, type KeyGroup } from './keys.ts';

const NAMES: Record<string, string> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  enter: 'Enter',
  escape: 'Esc',
  space: 'Space',
  home: 'Home',
  end: 'End',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  'wheel-up': 'wheel',
  'wheel-down': 'wheel',
};

/** A key's name for people: `ctrl-d` → `Ctrl-D`, `R` → `Shift-R`. */
export function keyLabel(name: string): string {
  const known = NAMES[name];
  if (known !== undefined) return known;
  const modifier = /^(ctrl|alt|shift)-(.+)$/.exec(name);
  if (modifier) {
    const [, first = '', rest = ''] = modifier;
    const inner = NAMES[rest] ?? rest.toUpperCase();
    return `${first[0]?.toUpperCase()}${first.slice(1)}-${inner}`;
  }
  return /^[A-Z]$/.test(name) ? `Shift-${name}` : name;
}

export const keyLabels = (key: KeyDefinition): string => [...new Set(key.keys.map(keyLabel))].join(' ');

const GROUPS: Record<KeyGroup, string> = {
  cluster: 'Clusters',
  node: 'Nodes',
  port: 'Ports',
  expose: 'Expose',
  registry: 'Registries',
  image: 'Images',
  doctor: 'Doctor and leftovers',
  operation: 'Operations',
  logs: 'Logs',
  list: 'Lists',
  move: 'Moving about',
  go: 'Screens',
  general: 'Everywhere',
};

export const groupTitle = (group: KeyGroup): string => GROUPS[group];

const isSort = ({ id }: KeyDefinition): boolean => /^sort-(?!left|right)/.test(id);

/** README's table of keys, as Markdown, from the same list that the app obeys. */
export function keyTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const code = (name: string): string => (name === '`' ? '`` ` ``' : `\`${keyLabel(name).replaceAll('|', '\\|')}\``);
  return (Object.keys(GROUPS) as KeyGroup[])
    .map(group => {
      const keys = KEYS.filter(key => key.group === group && !key.id.startsWith('wheel'));
      const rows = keys
        .filter(key => !isSort(key))
        .map(key => {
          const where =
            key.screens === undefined ? '' : ` (${key.screens === TABLES ? 'lists' : key.screens.join(', ')})`;
          return `| ${[...new Set(key.keys.map(code))].join(' ')} | ${cell(key.title)}${where} |`;
        });
      const sorts = [...Map.groupBy(keys.filter(isSort), key => key.screens?.[0] ?? '')].map(([screen, all]) => {
        const columns = all.map(({ title }) => title.replace(/^sort by (.*);.*$/, '$1')).join(', ');
        return `| ${all.map(key => key.keys.map(code).join(' ')).join(' ')} | sort by ${columns} (${screen}) |`;
      });
      return [`**${GROUPS[group]}**`, '', '| key | does |', '|---|---|', ...rows, ...sorts].join('\n');
    })
    .join('\n\n');
}
