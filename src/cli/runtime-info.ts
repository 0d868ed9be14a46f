import type { Command } from 'commander';
import { handle, type Session } from './command.ts';
import { goYaml } from './go-output.ts';

/** `runtime-info`: what the Docker engine says about itself, in k3d's shape. k3d pkg/runtimes/docker/info.go. */
export function addRuntimeInfoCommand(program: Command, session: Session): void {
  const command = program
    .command('runtime-info', { hidden: true })
    .description('show what the Docker engine says about itself');
  handle(command, session, async run => {
    const engine = await run.engine();
    const info = await engine.docker.info({ signal: run.io.interrupts.signal });
    run.io.stdout.write(
      await goYaml({
        name: 'docker',
        endpoint: (run.io.env.DOCKER_SOCK || engine.docker.endpoint.address).replace(/^unix:\/\//, ''),
        version: info.ServerVersion,
        ostype: info.OSType,
        os: info.OperatingSystem,
        arch: info.Architecture,
        cgroupversion: info.CgroupVersion ?? '1',
        cgroupdriver: info.CgroupDriver,
        filesystem: info.DriverStatus?.find(([key]) => key === 'Backing Filesystem')?.[1] ?? 'UNKNOWN',
        infoname: info.Name,
      }),
    );
    return undefined;
  });
}
