import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, shellWord } from '../../src/config/command-line.ts';

describe('a command line that is shown to be copied', () => {
  it('quotes only what a shell would take apart', () => {
    expect([shellWord('a:1'), shellWord('8080:80@loadbalancer')]).toEqual(['a:1', '8080:80@loadbalancer']);
    expect(shellWord('8080:80@servers:*;agents:*')).toBe("'8080:80@servers:*;agents:*'");
    expect([shellWord("it's"), shellWord('')]).toEqual(["'it'\\''s'", "''"]);
  });

  it('is words with lists in them, of which an empty one is no word', () => {
    expect(commandLine`k3dui node stop ${['a', 'b c']} ${[]} --timeout ${5}s`).toBe(
      "k3dui node stop a 'b c' --timeout 5s",
    );
    expect(commandLine`kubectl --context k3d-${'$(reboot)'} get pods`).toBe(
      "kubectl --context k3d-'$(reboot)' get pods",
    );
  });

  it('means to a shell what was put in, whatever that is', () => {
    const text = fc.string({ unit: 'grapheme' }).map(word => word.replaceAll('\0', ''));
    const given = fc.sample(text, 200);
    const said = execFileSync('sh', ['-c', commandLine`printf ${['%s\\0', ...given]}`], { encoding: 'utf8' });
    expect(said.split('\0').slice(0, -1)).toEqual(given);
  });
});
