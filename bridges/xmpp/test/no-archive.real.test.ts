import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from './support/context.ts';
import { persona } from './support/deliveries.ts';
import { firstOf, type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'none' });
});
afterAll(() => stage.stop());
afterEach(() => scene.close());

const anna = persona('Anna');

it('carries messages both ways, with ids of its own', async () => {
  scene = await stage.scene();
  const outcome = await scene.done(scene.deliveries.message(anna, 'no archive here'));
  await scene.owner.hears('no archive here');
  const { id, roles } = firstOf(outcome);
  expect(id.endsWith(`#${roles?.sent}`)).toBe(true);
  const replyTo = { id };
  await scene.done(
    scene.deliveries.message(
      anna,
      'quoted',
      { replyTo },
      {
        replyTo: { natives: ['x'], excerpt: { author: 'Olga', text: 'what?' } },
      },
    ),
  );
  await scene.owner.hears('> Olga: what?\nquoted');
  expect((await scene.done(scene.deliveries.reaction(anna, outcome.messages, ['👍']))).lost).toEqual([
    'reaction',
  ]);
});

it('goes on from what the room itself remembers', async () => {
  scene = await stage.scene();
  await scene.close();
  scene.owner.say('said meanwhile');
  await scene.owner.hears('said meanwhile');
  await scene.reopen();
  await until('caught up', () => scene.hub.messages().includes('said meanwhile'));
  expect(scene.hub.messages().filter((text) => text === 'said meanwhile')).toHaveLength(1);
});

it('sends again what may have been sent: nothing is lost where nothing can be looked up', async () => {
  scene = await stage.scene();
  const delivery = scene.deliveries.message(anna, 'perhaps twice');
  await scene.done({ ...delivery, maybeSent: true });
  await scene.owner.hears('perhaps twice');
});
