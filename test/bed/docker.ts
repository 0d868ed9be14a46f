import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { type ImageVariables, imageNames, otherNodeImage } from './names.ts';
import { ping } from './ping.ts';

/** What a test against a real engine needs. */
export interface TestDocker {
  docker: Docker;
  /** The images to run: `K3DUI_TEST_IMAGE`, `K3DUI_TEST_LB_IMAGE`, `K3DUI_TEST_REGISTRY_IMAGE`. */
  images: ImageVariables;
  /** A node image of another version than `K3DUI_TEST_IMAGE`. */
  otherNodeImage: string;
  /** The environment for a k3dui started by a test: this process' own, with the image names in it and the load balancer's as k3d's variable. */
  env: NodeJS.ProcessEnv;
  /** Whether the node image is the stand-in, not a true k3s. */
  standIn: boolean;
  /** Why tests against an engine must be left out; undefined where they can run. For `describe.skipIf`. */
  skip: string | undefined;
}

async function whyNot(docker: Docker, images: ImageVariables): Promise<string | undefined> {
  if (process.env.K3DUI_TEST_NO_DOCKER) return process.env.K3DUI_TEST_NO_DOCKER;
  try {
    await ping(docker);
  } catch (cause) {
    return `no Docker engine answers (${cause instanceof Error ? cause.message : String(cause)})`;
  }
  for (const [variable, name] of Object.entries(images)) {
    const there = await docker
      .getImage(name)
      .inspect()
      .catch(() => undefined);
    if (!there) return `the image ${name} (${variable}) is not there`;
  }
  return undefined;
}

/** The engine and images to test with. Use: `const bed = await testDocker(); describe.skipIf(bed.skip)('…', …)`. */
export async function testDocker(): Promise<TestDocker> {
  const docker = new Docker();
  const images = imageNames(process.env);
  const skip = await whyNot(docker, images);
  const standIn = images.K3DUI_TEST_IMAGE.startsWith('k3dui-test/k3s');
  return {
    docker,
    images,
    otherNodeImage,
    env: { ...process.env, ...images, K3D_IMAGE_LOADBALANCER: images.K3DUI_TEST_LB_IMAGE },
    standIn,
    skip,
  };
}

/** A cluster name no other test run has: the prefix and five random letters. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex').slice(0, 5)}`;
}

const ignoreGone = (cause: { statusCode?: number }): void => {
  if (cause.statusCode !== 404 && cause.statusCode !== 409) throw cause;
};

/** Removes every container (with its own volumes), network and volume of a cluster, whatever state they are in. */
export async function cleanup(name: string, docker = new Docker()): Promise<void> {
  const filters = { label: [`k3d.cluster=${name}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(c => docker.getContainer(c.Id).remove({ force: true, v: true }).catch(ignoreGone)));
  const labelled = await docker.listNetworks({ filters });
  const named = (await docker.listNetworks({ filters: { name: [`k3d-${name}`] } })).filter(
    n => n.Name === `k3d-${name}`,
  );
  const networks = new Set([...labelled, ...named].map(n => n.Id));
  await Promise.all([...networks].map(id => docker.getNetwork(id).remove().catch(ignoreGone)));
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.all((Volumes ?? []).map(v => docker.getVolume(v.Name).remove().catch(ignoreGone)));
}

/** Asks again and again until the answer is not undefined. @throws Error naming `what` after `milliseconds`. */
export async function until<T>(
  what: string,
  question: () => Promise<T | undefined>,
  milliseconds = 60_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  let last: unknown;
  do {
    try {
      const answer = await question();
      if (answer !== undefined) return answer;
    } catch (cause) {
      last = cause;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${milliseconds} ms${last === undefined ? '' : `; last: ${String(last)}`}`);
}
