import { describe, expect, test, vi } from 'vitest';
import { Kubeconfig } from '../../components/dialogs/kubeconfig.tsx';
import { Menu } from '../../components/dialogs/menu.tsx';
import { PlanPreview } from '../../components/dialogs/plan-preview.tsx';
import { Quit } from '../../components/dialogs/quit.tsx';
import type { Plan } from '../../src/engine/plan.ts';
import { show } from './dialog-harness.tsx';

const SIZE = { screenWidth: 80, screenHeight: 24 };

describe('the kubeconfig of a cluster', () => {
  async function shown() {
    const onPick = vi.fn();
    const onCancel = vi.fn();
    const dialog = await show(
      <Kubeconfig
        clusters={['demo']}
        defaultFile="/home/me/.kube/config"
        proposedFile="/home/me/.config/k3d/kubeconfig-demo.yaml"
        onPick={onPick}
        onCancel={onCancel}
        {...SIZE}
      />,
    );
    return { ...dialog, onPick, onCancel };
  }

  test.each([
    [['Enter'], { kind: 'merge', switchContext: true }],
    [['Down', 'Enter'], { kind: 'merge', switchContext: false }],
    [['k'], { kind: 'merge', switchContext: false }],
    [['p'], { kind: 'copy-path' }],
  ])('%j', async (keys, choice) => {
    const { press, frame, onPick } = await shown();
    expect(frame()).toContain('/home/me/.kube/config');
    await press(...keys);
    expect(onPick).toHaveBeenCalledExactlyOnceWith(choice);
  });

  test('a file of its own can be named; Esc goes back to the menu', async () => {
    const { press, type, until, onPick, onCancel } = await shown();
    await press('w');
    await until('kubeconfig-demo.yaml');
    await press('Ctrl-U', 'Enter');
    await until('a file name is missing');
    await press('Esc');
    await until('Merge only');
    expect(onCancel).not.toHaveBeenCalled();
    await press('w', 'Ctrl-U');
    await type('/tmp/k.yaml');
    await press('Enter');
    expect(onPick).toHaveBeenCalledExactlyOnceWith({ kind: 'write', file: '/tmp/k.yaml' });
  });
});

describe('quitting while something runs', () => {
  test.each([
    [['Enter'], 'stay'],
    [['Esc'], 'stay'],
    [['Down', 'Enter'], 'wait'],
    [['c'], 'cancel'],
  ])('%j → %s', async (keys, choice) => {
    const onPick = vi.fn();
    const { press, frame } = await show(<Quit running={['create cluster demo']} onPick={onPick} {...SIZE} />);
    expect(frame()).toContain('create cluster demo');
    await press(...keys);
    expect(onPick).toHaveBeenCalledExactlyOnceWith(choice);
  });
});

describe('a menu', () => {
  test('longer than the screen scrolls with the selection, and shows hostile values as text', async () => {
    const onPick = vi.fn();
    const items = Array.from({ length: 60 }, (_, at) => ({ label: `item ${at}`, detail: 'a\x1b[2Jb\nc', value: at }));
    const { press, frame } = await show(
      <Menu title="Copy" items={items} onPick={onPick} onCancel={vi.fn()} {...SIZE} />,
    );
    expect(frame().split('\n').length).toBeLessThanOrEqual(24);
    expect(frame()).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    await press('End');
    expect(frame()).toMatch(/▸ item 59/);
    await press('Up', 'Enter');
    expect(onPick).toHaveBeenCalledExactlyOnceWith(58);
  });
});

describe('the preview of a plan', () => {
  const plan: Plan = {
    title: 'delete cluster demo',
    command: 'k3dui cluster delete demo',
    steps: [
      {
        id: 'stop',
        title: 'stop',
        subject: 'k3d-demo-server-0',
        after: [],
        action: { kind: 'container.stop', container: 'k3d-demo-server-0', graceSeconds: 30 },
      },
      {
        id: 'remove',
        title: 'remove',
        subject: 'k3d-demo-server-0',
        after: ['stop'],
        action: { kind: 'container.remove', container: 'k3d-demo-server-0' },
      },
      {
        id: 'network',
        title: 'remove',
        after: [],
        action: { kind: 'network.remove', network: 'k3d-demo' },
        optional: true,
      },
    ],
    warnings: [],
    onFailure: 'keep',
    timeoutSeconds: 60,
    secrets: [],
  };

  test('groups the steps by node, with the exact names, and says what a failure does', async () => {
    const { frame } = await show(
      <PlanPreview plan={plan} applyLabel="Delete" onApply={vi.fn()} onBack={vi.fn()} {...SIZE} />,
    );
    expect(frame()).toContain('stop k3d-demo-server-0, 30 s to end by itself');
    expect(frame()).toContain('remove network k3d-demo (goes on if this fails)');
    expect(frame()).toContain('A failure leaves what was done so far.');
    expect(frame()).toContain('$ k3dui cluster delete demo');
    expect(frame().match(/k3d-demo-server-0\s+│/g)).toHaveLength(1);
  });

  test('Enter at once does not destroy', async () => {
    const onApply = vi.fn();
    const onBack = vi.fn();
    const { press } = await show(
      <PlanPreview plan={plan} applyLabel="Delete" destructive onApply={onApply} onBack={onBack} {...SIZE} />,
    );
    await press('Enter');
    expect(onApply).not.toHaveBeenCalled();
    expect(onBack).toHaveBeenCalledOnce();
    await press('Tab', 'Enter');
    expect(onApply).toHaveBeenCalledExactlyOnceWith(plan);
  });

  test('a secret in the command line is hidden', async () => {
    const secret = { ...plan, command: 'k3dui cluster create x --token hunter2', secrets: ['hunter2'] };
    const { frame } = await show(
      <PlanPreview plan={secret} applyLabel="Create" onApply={vi.fn()} onBack={vi.fn()} {...SIZE} />,
    );
    expect(frame()).toContain('--token <hidden>');
    expect(frame()).not.toContain('hunter2');
  });

  test('a plan that changes nothing says so', async () => {
    const { frame } = await show(
      <PlanPreview plan={{ ...plan, steps: [] }} applyLabel="Start" onApply={vi.fn()} onBack={vi.fn()} {...SIZE} />,
    );
    expect(frame()).toContain('Nothing needs to be done.');
  });
});
