import { connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { decode, field, type Message, messages, texts } from './protobuf.ts';

/** An image in the node's container runtime, as `crictl images -o json` shows it. */
export interface Image {
  id: string;
  repoTags: string[];
  repoDigests: string[];
  /** Bytes, in decimal. */
  size: string;
  username: string;
}

const codes = ['OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists'];

/** containerd's container runtime interface, asked over its socket: gRPC by hand, as crictl does it. */
export class Cri {
  readonly #socket: string;
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** @throws Error in gRPC's words. */
  async #call(method: string, request: Buffer): Promise<Message> {
    const session = connect('http://localhost', { createConnection: () => connectSocket(this.#socket) });
    try {
      return await new Promise((resolve, reject) => {
        session.on('error', reject);
        const stream = session.request({
          [constants.HTTP2_HEADER_METHOD]: 'POST',
          [constants.HTTP2_HEADER_PATH]: `/runtime.v1.${method}`,
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        const chunks: Buffer[] = [];
        let status: Record<string, unknown> = {};
        const noteStatus = (headers: Record<string, unknown>): void => {
          if (headers['grpc-status'] !== undefined) status = headers;
        };
        stream.on('response', noteStatus);
        stream.on('trailers', noteStatus);
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', reject);
        stream.on('close', () => {
          const code = Number(status['grpc-status'] ?? 2);
          const said = decodeURIComponent(String(status['grpc-message'] ?? 'the connection ended'));
          if (code === 0) resolve(decode(Buffer.concat(chunks).subarray(5)));
          else reject(new Error(`rpc error: code = ${codes[code] ?? code} desc = ${said}`));
        });
        const head = Buffer.alloc(5);
        head.writeUInt32BE(request.length, 1);
        stream.end(Buffer.concat([head, request]));
      });
    } finally {
      session.close();
    }
  }

  async version(): Promise<{ name: string; version: string; api: string }> {
    const answer = await this.#call('RuntimeService/Version', Buffer.alloc(0));
    const [name = '', version = '', api = ''] = [2, 3, 4].map(number => texts(answer, number)[0]);
    return { name, version, api };
  }

  async images(): Promise<Image[]> {
    const answer = await this.#call('ImageService/ListImages', Buffer.alloc(0));
    return messages(answer, 1)
      .map(asImage)
      .sort((a, b) => ((a.repoTags[0] ?? a.id) < (b.repoTags[0] ?? b.id) ? -1 : 1));
  }

  /** One image with what containerd keeps of it (its configuration, its layers). undefined when there is none. */
  async image(reference: string): Promise<{ image: Image; info: Record<string, unknown> } | undefined> {
    const request = Buffer.concat([field(1, spec(reference)), field(2, true)]);
    const answer = await this.#call('ImageService/ImageStatus', request);
    const [found] = messages(answer, 1);
    if (found === undefined) return undefined;
    const [info] = messages(answer, 2).flatMap(entry => texts(entry, 2));
    return { image: asImage(found), info: JSON.parse(info ?? '{}') as Record<string, unknown> };
  }

  async remove(reference: string): Promise<void> {
    await this.#call('ImageService/RemoveImage', field(1, spec(reference)));
  }

  /** @returns the id of what is there then. */
  async pull(reference: string): Promise<string> {
    return texts(await this.#call('ImageService/PullImage', field(1, spec(reference))), 1)[0] ?? '';
  }
}

const spec = (reference: string): Buffer => field(1, reference);

function asImage(message: Message): Image {
  const [id = ''] = texts(message, 1);
  const [size = '0'] = texts(message, 4);
  const [username = ''] = texts(message, 6);
  return { id, repoTags: texts(message, 2), repoDigests: texts(message, 3), size, username };
}
