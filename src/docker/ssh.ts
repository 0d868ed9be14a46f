import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import { Duplex } from 'node:stream';

/** A connection that is a child process: what we write it reads, what it prints we read. */
class ChildConnection extends Duplex {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, onStderr: (text: string) => void) {
    super();
    this.#child = child;
    const { stdin, stdout, stderr } = child;
    stdout!.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout!.pause();
    });
    stderr!.on('data', (chunk: Buffer) => onStderr(chunk.toString()));
    // What the program says last may come after its standard output ended: the end is told when all of it is closed.
    stdin!.on('error', () => {});
    child.on('error', error => this.destroy(error));
    child.on('close', code => {
      if (code === 0) this.push(null);
      else this.destroy(new Error(`ssh ended with exit code ${code}`));
    });
  }

  override _read(): void {
    this.#child.stdout!.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#child.stdin!.write(chunk)) done();
    else this.#child.stdin!.once('drain', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin!.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // What Node's HTTP agent asks of a socket.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    this.#child.ref();
    return this;
  }
  unref(): this {
    this.#child.unref();
    return this;
  }
}

/** The command that connects to the engine of another machine, as Docker's own client does it. */
export function sshArguments(address: string): string[] {
  const url = new URL(address);
  const options = ['-o', 'ConnectTimeout=10', '-o', 'BatchMode=yes', '-T'];
  if (url.username) options.push('-l', decodeURIComponent(url.username));
  if (url.port) options.push('-p', url.port);
  const remote = ['docker'];
  if (url.pathname && url.pathname !== '/') remote.push('--host', `unix://${decodeURIComponent(url.pathname)}`);
  return [...options, '--', url.hostname, ...remote, 'system', 'dial-stdio'];
}

/**
 * An HTTP agent whose connections are `ssh HOST docker system dial-stdio`. `lastWords` gives what ssh said last on
 * stderr, for error messages. `program` is the ssh program.
 */
export class SshAgent extends http.Agent {
  readonly #address: string;
  readonly #program: string;
  readonly #env: NodeJS.ProcessEnv;
  #stderr = '';

  constructor(address: string, env: NodeJS.ProcessEnv, program = 'ssh') {
    super({ keepAlive: true, maxFreeSockets: 4 });
    this.#address = address;
    this.#env = env;
    this.#program = program;
  }

  get lastWords(): string {
    return this.#stderr.trim().split('\n').at(-1) ?? '';
  }

  override createConnection(): Duplex {
    const child = spawn(this.#program, sshArguments(this.#address), { stdio: 'pipe', env: this.#env });
    return new ChildConnection(child, text => {
      this.#stderr = (this.#stderr + text).slice(-2000);
    });
  }
}
