import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { jsonSchema } from '../config/file/json-schema.ts';
import { loadSettings } from '../config/settings/load.ts';
import { SETTINGS_SCHEMA } from '../config/settings/schema.ts';
import { settingsPath } from '../config/settings/settings.ts';
import { homeFolder } from '../home-folder.ts';
import { handle, type Session } from './command.ts';
import { goJson, goYaml } from './go-output.ts';

/** `settings view|path|schema`: what may be set for k3dui itself, and what is. */
export function addSettingsCommands(program: Command, session: Session): void {
  const group = program
    .command('settings')
    .description("k3dui's own settings: theme, keys, mouse, read-only, screen reader");
  handle(group.command('view').description('show the settings that hold now, as YAML'), session, async ({ io }) => {
    io.stdout.write(await goYaml((await loadSettings(io.env)).settings));
    return undefined;
  });
  handle(group.command('path').description('show where the settings file is, or would be'), session, async run => {
    const { io, log } = run;
    const path = settingsPath(io.env, homeFolder(io.env));
    io.stdout.write(`${path}\n`);
    if (!existsSync(path)) log.write('warn', 'there is no such file yet: all settings are as by default');
    return undefined;
  });
  handle(group.command('schema').description('show what may stand in it, as JSON schema'), session, async ({ io }) => {
    io.stdout.write(goJson(jsonSchema(SETTINGS_SCHEMA, 'k3dui settings')));
    return undefined;
  });
}
