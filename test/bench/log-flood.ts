/**
 * A process of its own: a demo engine with one cluster, one node of which writes lines at the rate wanted, so that who
 * measures is not held up by what writes. Says its address; obeys `start` and `stop`, and tells how many lines it wrote.
 */
import { startDemo } from '../../src/demo/demo.ts';
import { manyClusters, seed } from '../../src/demo/seed.ts';

const LINES_A_SECOND = 20_000;
const TICK_MILLISECONDS = 10;
const LINE =
  'time="2026-11-23T05:27:33Z" level=info msg="a message of about as many characters as k3s has in one of its own lines"';

const demo = await startDemo({ tempo: 0, listen: false });
await seed(demo.world, manyClusters(1));
const { log } = demo.world.container('k3d-load-0001-server-0');
let lines = 0;
let timer: NodeJS.Timeout | undefined;

process.on('message', message => {
  clearInterval(timer);
  process.send?.({ lines });
  if (message !== 'start') return;
  lines = 0;
  const begun = performance.now();
  timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * LINES_A_SECOND);
    for (; lines < due; lines++) log.add(2, `${LINE} ${lines}\n`);
  }, TICK_MILLISECONDS);
});
process.on('disconnect', () => process.exit());
process.send?.({ host: demo.host });
