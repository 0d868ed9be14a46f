import { expect, test } from 'vitest';
import { inspectLines, secretsOf } from '../../components/inspect.ts';
import type { ContainerInspect } from '../../src/docker/types.ts';

const inspect: ContainerInspect = {
  Id: 'abc',
  Created: '2025-01-01T00:00:00Z',
  Name: '/k3d-demo-server-0',
  Path: '/bin/k3s',
  Args: ['server', '--token', 'token-in-arguments', '--tls-san', '0.0.0.0'],
  RestartCount: 0,
  Image: 'sha256:1',
  State: {
    Status: 'running',
    Running: true,
    Restarting: false,
    OOMKilled: false,
    Pid: 1,
    ExitCode: 0,
    Error: '',
    StartedAt: '',
    FinishedAt: '',
  },
  HostConfig: {},
  Config: {
    Hostname: 'k3d-demo-server-0',
    Env: ['K3S_TOKEN=token-in-environment', 'PATH=/bin:/usr/bin', 'K3S_TOKEN_FILE=/run/token'],
    Cmd: ['server', '--agent-token=token-of-agents', '--datastore-endpoint=postgres://k3s:pass-in-url@db:5432/k3s'],
    Image: 'rancher/k3s',
    Labels: { 'k3d.cluster.token': 'token-in-label', 'k3d.cluster': 'demo' },
  },
  NetworkSettings: {},
};

test('the YAML of a container shows everything but its secrets', () => {
  const text = inspectLines(inspect).join('\n');
  for (const secret of ['in-arguments', 'in-environment', 'of-agents', 'in-label', 'pass-in-url']) {
    expect(text).not.toContain(secret);
  }
  expect(text).toContain('K3S_TOKEN=<hidden>');
  expect(text).toContain('k3d.cluster.token: <hidden>');
  expect(text).toContain('postgres://k3s:<hidden>@db:5432/k3s');
  expect(text).toContain('PATH=/bin:/usr/bin');
  expect(text).toContain('K3S_TOKEN_FILE=/run/token');
  expect(text).toContain('k3d.cluster: demo');
});

test('what is no secret is not hidden for its name', () => {
  const config = { ...inspect.Config, Env: ['TOKEN_REVIEW=true', 'SECRET_DIR=/run/secrets', 'PASSWORD='] };
  expect(secretsOf({ ...inspect, Args: [], Config: { ...config, Cmd: [], Labels: {} } })).toEqual([]);
});

test('control sequences in an inspect do not reach the terminal', () => {
  const config = { ...inspect.Config, Labels: { note: 'a\x1b]0;title\x07\x1b[31mb' } };
  expect(inspectLines({ ...inspect, Config: config }).join('\n')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
});
