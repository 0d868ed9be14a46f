import Docker from 'dockerode';
import { buildImages } from '../images/build.ts';
import { ping } from './ping.ts';

/**
 * Runs once before the projects that use Docker, so that `vitest run --project docker NAME` works by itself: builds the
 * images that are missing. Where that cannot be, the tests say themselves why they are left out.
 */
export default async function setup(): Promise<void> {
  if (process.env.K3DUI_TEST_NO_DOCKER || process.env.K3DUI_TEST_IMAGES_READY) return;
  try {
    const docker = new Docker();
    await ping(docker);
    await buildImages(docker, line => process.stderr.write(`${line}\n`));
  } catch (cause) {
    process.stderr.write(`test bed: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
}
