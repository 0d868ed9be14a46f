import { describe, expect, test } from 'vitest';
import { expectColourless, expectNoOverflow, expectRestored } from './checks.ts';
import { Terminal } from './terminal.ts';

/** The harness itself: a test of the screen is worth no more than what it looks through. */
describe('the test terminal', () => {
  test('types to a program and reads its screen', async () => {
    await using terminal = Terminal.start('sh', ['-c', 'printf "who? "; read x; echo "hello $x"; exit 3']);
    await terminal.waitFor('who?');
    terminal.type('wörld 界');
    terminal.press('Enter');
    await terminal.waitFor('hello wörld 界');
    expect(await terminal.exitCode).toBe(3);
    expectRestored(terminal);
  });

  test('says what was on the screen when a wait runs out', async () => {
    await using terminal = Terminal.start('sh', ['-c', 'echo only this; sleep 5']);
    await expect(terminal.waitFor('something else', 300)).rejects.toThrow(/something else[\s\S]*only this/);
  });

  test('notices everything a program may leave behind', async () => {
    const mess = '\\033[?1049h\\033[?25l\\033[?7l\\033[?1000h\\033[?1006h\\033[?2004h';
    await using terminal = Terminal.start('sh', ['-c', `stty raw -echo; printf '${mess}'`]);
    await terminal.waitExit();
    expect(terminal.state()).toEqual({
      alternateScreen: true,
      cursorVisible: false,
      autoWrap: false,
      mouse: 'vt200',
      bracketedPaste: true,
      canonical: false,
      echo: false,
    });
  });

  test('notices a frame that is higher than the screen', async () => {
    await using terminal = Terminal.start('sh', ['-c', "printf '\\033[?1049h'; seq 1 20; printf '\\033[?1049l'"], {
      rows: 10,
    });
    await terminal.waitExit();
    expect(() => expectNoOverflow(terminal)).toThrow(/scrolled/);
  });

  test('finds cells behind wide characters and reads their colour', async () => {
    await using terminal = Terminal.start('sh', ['-c', "printf '界 \\033[31mred\\033[0m'"]);
    await terminal.waitExit();
    expect(terminal.find('red')).toEqual({ x: 3, y: 0 });
    expect(terminal.cellStyle(3, 0)).toMatchObject({ text: 'r', foreground: 'palette 1' });
    expect(() => expectColourless(terminal.raw)).toThrow();
  });
});
