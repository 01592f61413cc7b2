import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandTask, createScene, type Scene } from '../../../../test/unit/agent/scene.ts';

function updatesSent(scene: Scene) {
  return scene.sent.flatMap((message) =>
    message.name === 'StatusUpdateMessage' ? [message.body.update] : [],
  );
}

test('one update is in flight; it is repeated ever more slowly until it is acknowledged', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'));
  scene.update('t', 'TASK_STARTING');
  scene.update('t', 'TASK_RUNNING');
  const times: number[] = [];
  for (let passed = 10; passed <= 3600; passed += 10) {
    const before = updatesSent(scene).length;
    scene.fromMaster('PingSlaveMessage', { connected: true });
    scene.wait(10_000);
    if (updatesSent(scene).length > before) times.push(passed);
  }
  expect(times).toEqual([10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030]);
  expect(new Set(updatesSent(scene).map(({ status }) => status.state))).toEqual(
    new Set(['TASK_STARTING']),
  );
  scene.acknowledge();
  expect(updatesSent(scene).at(-1)?.status.state).toBe('TASK_RUNNING');
});

test('a changed framework is sent at once what waits', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'));
  scene.update('t', 'TASK_RUNNING');
  scene.lines();
  scene.fromMaster('UpdateFrameworkMessage', { frameworkId: { value: 'F' } });
  expect(scene.lines()).toEqual(['master <- StatusUpdate t TASK_RUNNING SOURCE_EXECUTOR']);
});

test('a wrong acknowledgement changes nothing', () => {
  const scene = createScene();
  scene.register();
  scene.run(commandTask('t'));
  scene.update('t', 'TASK_STARTING');
  scene.update('t', 'TASK_RUNNING');
  scene.lines();
  scene.fromMaster('StatusUpdateAcknowledgementMessage', {
    agentId: { value: 'M-S0' },
    frameworkId: { value: 'F' },
    taskId: { value: 't' },
    uuid: new Uint8Array(16),
  });
  expect(scene.lines()).toEqual([]);
});

const life = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED'] as const;

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'update' } as const) },
  { weight: 4, arbitrary: fc.constant({ do: 'acknowledge' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'acknowledge again' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'repeat update' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'lose master' } as const) },
);

test('updates arrive in order, once acknowledged never again, and none is lost', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let scene = createScene();
      scene.register();
      scene.run(commandTask('t'), { checkpoint: true });
      let said = 0;
      const acknowledged: string[] = [];
      const acknowledge = () => {
        const update = updatesSent(scene).at(-1);
        if (!update || acknowledged.includes(update.status.state)) return;
        acknowledged.push(update.status.state);
        scene.acknowledge();
      };
      const isOver = () => acknowledged.length === life.length;
      const say = (index: number) => {
        const state = life[index];
        if (state && !isOver()) scene.update('t', state);
      };
      for (const one of steps) {
        if (one.do === 'update' && said < life.length) say(said++);
        else if (one.do === 'repeat update' && said > 0) say(said - 1);
        else if (one.do === 'acknowledge') acknowledge();
        else if (one.do === 'acknowledge again' && updatesSent(scene).length > 0) {
          if (acknowledged.includes(updatesSent(scene).at(-1)?.status.state ?? ''))
            scene.acknowledge();
        } else if (one.do === 'wait') scene.wait(one.ms);
        else if (one.do === 'lose master') {
          scene.fromMaster('PingSlaveMessage', { connected: false });
          scene.wait(2000);
          scene.fromMaster('SlaveReregisteredMessage', { agentId: { value: 'M-S0' } });
        } else if (one.do === 'restart') {
          scene = createScene({}, scene.world);
          scene.register();
        }
        // What is in flight is the first that nobody acknowledged.
        const flying = updatesSent(scene).at(-1)?.status.state;
        if (flying)
          expect([...acknowledged, undefined].length > life.indexOf(flying as never)).toBe(true);
      }
      while (said < life.length) say(said++);
      for (let tries = 0; tries < 10; tries++) {
        scene.wait(600_000);
        scene.fromMaster('SlaveReregisteredMessage', { agentId: { value: 'M-S0' } });
        acknowledge();
      }
      expect(acknowledged).toEqual(life);
      expect(scene.state.streams.size).toBe(0);
    }),
    { numRuns: 60 },
  );
});
