import type { Socket } from 'node:net';
import { imageKind } from '../image-catalog.ts';
import type { Process, Program } from '../types.ts';
import type { World } from '../world.ts';
import { k3s } from './k3s.ts';
import { nginx } from './nginx.ts';
import { registry } from './registry.ts';

/** Starts the simulated process that the container's image and command call for. */
export function startProgram(world: World, process: Process): Program {
  const { container } = process;
  switch (imageKind(container.config.Image ?? '')) {
    case 'k3s':
      return k3s(world, process);
    case 'proxy':
      return nginx(world, process);
    case 'registry':
      return registry(world, process);
    case 'tools':
    case 'other':
      return plain(world, process);
  }
}

/** A process that only waits. `sleep 5` and `true` end by themselves, as does a shell without a terminal. */
export function plain(_world: World, process: Process): Program {
  const { container } = process;
  const command = [container.path, ...container.args];
  process.after(1, () => {
    if (/(^|\/)true$/.test(command[0]!)) process.exit(0);
    else if (/(^|\/)false$/.test(command[0]!)) process.exit(1);
    else if (/(^|\/)echo$/.test(command[0]!)) {
      process.out(command.slice(1).join(' '));
      process.exit(0);
    } else if (/^(\/bin\/)?(ba|a)?sh$/.test(command.join(' ')) && !container.config.OpenStdin) process.exit(0);
  });
  return {
    signal: name => {
      // A process without an init of its own ignores what it has no handler for.
      if (name === 'SIGTERM' && !container.hostConfig.Init && /(^|\/)(ba|a)?sh$/.test(command[0]!)) return;
      process.exit(128 + (name === 'SIGINT' ? 2 : name === 'SIGQUIT' ? 3 : 15));
    },
    connect: (_port: number, socket: Socket) => socket.destroy(),
    exec: () => undefined,
    processes: () => [command.join(' ')],
  };
}
