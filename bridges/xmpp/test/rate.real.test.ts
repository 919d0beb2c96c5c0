import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from './support/context.ts';
import { persona } from './support/deliveries.ts';
import { type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory' });
  scene = await stage.scene();
});
afterAll(async () => {
  await scene.close();
  await stage.stop();
});

const anna = persona('Anna');
const COUNT = 2000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

it('sends without waiting for each to come back, in order', async () => {
  const { sendWindow } = scene.bridge.manifest.limits;
  await scene.done(scene.deliveries.message(anna, 'first'));
  const from = performance.now();
  for (let at = 0; at < COUNT; at += sendWindow) {
    const texts = Array.from({ length: Math.min(sendWindow, COUNT - at) }, (_, index) => `out ${at + index}`);
    await Promise.all(texts.map((text) => scene.done(scene.deliveries.message(anna, text))));
  }
  const seconds = (performance.now() - from) / 1000;
  say(
    `xmpp: ${Math.round(COUNT / seconds)} messages/s out (window ${sendWindow}, one ghost, one native, archive in memory)`,
  );
  await scene.owner.hears(`out ${COUNT - 1}`);
  const heard = scene.owner.bodies().filter((body) => body.startsWith('out'));
  expect(heard).toEqual(Array.from({ length: COUNT }, (_, index) => `out ${index}`));
  // Nagle's algorithm alone would hold it at 25 a second.
  expect(COUNT / seconds).toBeGreaterThan(100);
});

it('takes a few milliseconds when idle', async () => {
  const times: number[] = [];
  for (let index = 0; index < 200; index++) {
    const from = performance.now();
    await scene.done(scene.deliveries.message(anna, `idle ${index}`));
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  say(`xmpp: idle latency p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
  expect(Number(at(0.5))).toBeLessThan(30);
});

it('takes in what natives say, in few batches', async () => {
  const accepts = scene.hub.accepts;
  const from = performance.now();
  for (let index = 0; index < COUNT; index++) scene.owner.say(`in ${index}`);
  await until('all', () => scene.hub.messages().at(-1) === `in ${COUNT - 1}`, 60_000);
  const seconds = (performance.now() - from) / 1000;
  say(`xmpp: ${Math.round(COUNT / seconds)} messages/s in, ${scene.hub.accepts - accepts} batches`);
  expect(scene.hub.messages().filter((text) => text.startsWith('in '))).toHaveLength(COUNT);
});
