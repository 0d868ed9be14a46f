import type { Command } from 'commander';
import { formatValues } from '../engine/loadbalancer/values.ts';
import { readLoadBalancer } from '../engine/ports/read.ts';
import { handle, type Session } from './command.ts';
import { clusterNamed, picture } from './picture.ts';

/** `debug loadbalancer get-config CLUSTER`, hidden as in k3d (cmd/debug/debug.go). */
export function addDebugCommands(program: Command, session: Session): void {
  const debug = program.command('debug', { hidden: true }).description('look inside clusters');
  const loadBalancer = debug.command('loadbalancer').alias('lb').description("look inside a cluster's load balancer");
  const getConfig = loadBalancer
    .command('get-config CLUSTERNAME')
    .description("print the load balancer's configuration as YAML, of a stopped cluster too");
  handle(getConfig, session, async run => {
    const engine = await run.engine();
    const call = { signal: run.io.interrupts.signal };
    const cluster = clusterNamed(await picture(engine, call.signal), run.args[0]!);
    const { model } = await readLoadBalancer(engine.docker, cluster, call);
    // k3d ends with an empty line, and scripts may compare.
    run.io.stdout.write(`${formatValues(model)}\n`);
    return undefined;
  });
}
