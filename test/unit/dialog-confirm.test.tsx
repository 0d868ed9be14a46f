import { describe, expect, test, vi } from 'vitest';
import { Confirm } from '../../components/dialogs/confirm.tsx';
import { show } from './dialog-harness.tsx';

const groups = [
  { title: 'Containers', items: ['k3d-demo-serverlb', 'k3d-demo-server-0', 'k3d-demo-agent-0'] },
  { title: 'Volumes', items: ['k3d-demo-images'] },
  { title: 'Kubeconfig', items: ['k3d-demo in /home/me/.kube/config'] },
  { title: 'Networks', items: [] },
];

async function shown(props: Partial<Parameters<typeof Confirm>[0]> = {}) {
  const onConfirm = vi.fn();
  const onCancel = vi.fn();
  const dialog = await show(
    <Confirm
      title="Delete cluster demo?"
      message="This cannot be undone."
      groups={groups}
      confirmLabel="Delete"
      screenWidth={80}
      screenHeight={24}
      onConfirm={onConfirm}
      onCancel={onCancel}
      {...props}
    />,
  );
  return { ...dialog, onConfirm, onCancel };
}

describe('asking before something is destroyed', () => {
  test('names everything that goes, and nothing for what is not there', async () => {
    const { frame } = await shown();
    for (const { items } of groups) for (const item of items) expect(frame()).toContain(item);
    expect(frame()).not.toContain('Networks');
  });

  test('Esc is told with the word of the button that it stands for', async () => {
    const { frame } = await shown({ confirmLabel: 'Cancel it', cancelLabel: 'Go on' });
    expect(frame()).toContain('Esc go on');
    expect(frame()).not.toContain('Esc cancel');
  });

  test('Enter at once cancels: the focus is on Cancel', async () => {
    const { press, onConfirm, onCancel } = await shown();
    await press('Enter');
    expect(onCancel).toHaveBeenCalledOnce();
    expect(onConfirm).not.toHaveBeenCalled();
  });

  test.each([['Tab'], ['Right'], ['Left'], ['Shift-Tab']])('%s moves to Delete, and Enter then deletes', async key => {
    const { press, frame, onConfirm } = await shown();
    expect(frame()).toContain('▸ Cancel ◂');
    await press(key);
    expect(frame()).toContain('▸ Delete ◂');
    await press('Enter');
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  test('no letter deletes', async () => {
    const { press, onConfirm, onCancel } = await shown();
    await press('y', 'Y', 'd', 'Ctrl-D');
    expect(onConfirm).not.toHaveBeenCalled();
    expect(onCancel).not.toHaveBeenCalled();
  });

  test('Tab and Enter that arrive in one piece are taken in order', async () => {
    const { press, onConfirm, onCancel } = await shown();
    await press('Tab', 'Tab', 'Enter');
    expect(onCancel).toHaveBeenCalledOnce();
    expect(onConfirm).not.toHaveBeenCalled();
  });

  test('Esc cancels, also with the focus on Delete', async () => {
    const { press, onConfirm, onCancel } = await shown();
    await press('Tab', 'Esc');
    expect(onCancel).toHaveBeenCalledOnce();
    expect(onConfirm).not.toHaveBeenCalled();
  });

  test('y answers where nothing is lost', async () => {
    const { press, onConfirm } = await shown({ destructive: false, confirmLabel: 'Stop' });
    await press('y');
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  test('a long list scrolls inside the screen and the buttons stay', async () => {
    const items = Array.from({ length: 200 }, (_, at) => `k3d-demo-agent-${at}`);
    const { press, frame } = await shown({ groups: [{ title: 'Containers', items }] });
    expect(frame().split('\n').length).toBeLessThanOrEqual(24);
    expect(frame()).toMatch(/↓ \d+/);
    expect(frame()).not.toContain('agent-199');
    await press('End');
    expect(frame()).toContain('agent-199');
    expect(frame()).toContain('▸ Cancel ◂');
  });

  test('hostile names cannot move the cursor or break the frame', async () => {
    const { frame } = await shown({
      title: 'Delete \x1b[2Jdemo\nnow?',
      groups: [{ title: 'Con\x1b]0;x\x07tainers', items: ['evil\x1b[10;10Hname\r\n', '界'.repeat(60)] }],
    });
    expect(frame()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(frame()).toContain('evilname');
    const edges = frame()
      .split('\n')
      .filter(line => line.includes('│'));
    for (const line of edges) expect(line.trimEnd()).toMatch(/│$/);
  });
});
