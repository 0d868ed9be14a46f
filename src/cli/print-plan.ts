import { isEmptyPlan, type Plan, type PlannedStep } from '../engine/plan.ts';
import { hideSecrets, sanitise } from '../text.ts';
import { goYaml, plainJson } from './go-output.ts';
import type { Output } from './io.ts';
import { structuredFormat } from './print.ts';
import { describeStep } from './progress.ts';

/** `--dry-run`: the plan as text, JSON or YAML, without its secrets. Throws USAGE for another format. */
export async function printPlan(output: Output, plan: Plan, format: string | undefined): Promise<void> {
  const structured = structuredFormat(format);
  const { secrets, ...shown } = plan;
  if (structured === undefined) output.write(hideSecrets(planText(plan), secrets));
  else {
    const json = plainJson(JSON.stringify(shown, withTexts, 2));
    output.write(hideSecrets(structured === 'json' ? `${json}\n` : await goYaml(JSON.parse(json)), secrets));
  }
}

/** Several plans; what a program reads is one list. */
export async function printPlans(output: Output, plans: readonly Plan[], format: string | undefined): Promise<void> {
  const [first] = plans;
  if (plans.length === 1 && first) return printPlan(output, first, format);
  const structured = structuredFormat(format);
  if (structured === undefined) {
    for (const plan of plans) output.write(hideSecrets(planText(plan), plan.secrets));
    return;
  }
  const shown = plans.map(({ secrets: _, ...rest }) => rest);
  const json = plainJson(JSON.stringify(shown, withTexts, 2));
  const secrets = plans.flatMap(plan => plan.secrets);
  output.write(hideSecrets(structured === 'json' ? `${json}\n` : await goYaml(JSON.parse(json)), secrets));
}

/** Files are shown as the text they are. */
function withTexts(_key: string, value: unknown): unknown {
  const buffer = value as { type?: string; data?: number[] } | null;
  if (buffer?.type === 'Buffer' && Array.isArray(buffer.data)) return Buffer.from(buffer.data).toString();
  return value;
}

/** One line per step, with what it does to which object, and what it waits for. */
function planText(plan: Plan): string {
  if (isEmptyPlan(plan)) return `Nothing to do: ${sanitise(plan.title)}\n`;
  const number = new Map(plan.steps.map((step, i) => [step.id, i + 1]));
  const lines = plan.steps.flatMap((step, i) => {
    const after = step.after.map(id => number.get(id)).filter(n => n !== undefined);
    const waits = after.length > 0 ? `  (after ${after.join(', ')})` : '';
    return [
      `${String(i + 1).padStart(3)}  ${describeStep(step)}${waits}`,
      ...details(step).map(line => `       ${sanitise(line)}`),
    ];
  });
  const warnings = plan.warnings.map(warning => `warning: ${sanitise(warning)}\n`).join('');
  return `${warnings}${describeStep({ title: plan.title })}:\n${lines.join('\n')}\n`;
}

/** What a person would want to check before saying yes. */
function details({ action }: PlannedStep): string[] {
  if (action.kind === 'container.create') {
    const { Image, Cmd, HostConfig } = action.body;
    const ports = Object.entries(HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp || '0.0.0.0'}:${HostPort || 'random'}→${port}`),
    );
    return [
      `image ${Image}`,
      ...(Cmd && Cmd.length > 0 ? [`command ${Cmd.join(' ')}`] : []),
      ...(ports.length > 0 ? [`ports ${ports.join(' ')}`] : []),
      ...(HostConfig.Binds && HostConfig.Binds.length > 0 ? [`volumes ${HostConfig.Binds.join(' ')}`] : []),
    ];
  }
  if (action.kind === 'files.write') return action.files.map(file => `file ${file.path}`);
  return [];
}
