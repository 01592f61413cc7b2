import type { Pid, StreamId } from '@mesita/sdk/base';
import { describe, expect, test } from 'vitest';
import { createWorld, offer, register, subscribe, taskInfo, type World } from '../testing/world.ts';

const [first, second] = ['one', 'two'] as StreamId[] as [StreamId, StreamId];

function said(world: World, stream: StreamId) {
  return world.events(stream).map(({ type, error }) => (error ? error.message : type));
}

describe('SUBSCRIBE', () => {
  test('is answered by a stream even when it is refused', () => {
    const world = createWorld({
      config: { rootSubmissions: false, rolesWhitelist: new Set(['*']) },
    });
    subscribe(world, { user: 'root' }, first);
    subscribe(world, { role: 'b' }, second);
    subscribe(world, { capabilities: [{ type: 'MULTI_ROLE' }], roles: ['/'] }, 'three' as StreamId);
    expect([...world.published.values()].map((events) => events[0]?.error?.message)).toEqual([
      "User 'root' is not allowed to run frameworks without --root_submissions set",
      "Roles { b } are not present in the master's --roles",
      "'FrameworkInfo.roles' contains invalid role: Role '/' cannot start with a slash",
    ]);
    expect(world.closed).toEqual([first, second, 'three']);
    expect(world.state.frameworks.registered.size).toBe(0);
  });

  test('that nobody allows says so in words with a blank too many', () => {
    const world = createWorld({ approvers: { approved: () => false } });
    subscribe(world, { role: 'ra' }, first);
    expect(said(world, first)).toEqual(['Not authorized to register framework  with roles { ra }']);
  });

  test('of a known framework takes it over: the old stream ends, offers are gone in silence', () => {
    const world = createWorld();
    const agentId = register(world);
    const id = subscribe(world, { failoverTimeout: 60 }, first);
    offer(world, id, agentId, 'cpus:4', '*', first);
    world.calls.length = 0;
    subscribe(world, { id: { value: id }, failoverTimeout: 60, name: 'renamed' }, second);
    expect(said(world, first).slice(-2)).toEqual(['OFFERS', 'Framework failed over']);
    expect(said(world, second)).toEqual(['SUBSCRIBED', 'HEARTBEAT']);
    expect(world.closed).toEqual([first]);
    expect(world.state.offers.size).toBe(0);
    expect(world.calls.map(({ method }) => method)).toEqual([
      'updateFramework',
      'recoverResources',
    ]);
    expect(world.messages('UpdateFrameworkMessage')).toMatchObject([
      { frameworkInfo: { name: 'renamed' }, pid: '@0.0.0.0:0' },
    ]);
    // The old connection's end comes late and must not end the new one.
    world.step({ type: 'StreamClosed', stream: first });
    expect(world.state.frameworks.registered.get(id)?.connection).toEqual({
      kind: 'http',
      stream: second,
    });
    expect(world.call({ type: 'REVIVE', frameworkId: { value: id } }, first)).toMatchObject({
      status: 400,
      body: `The stream ID 'one' included in this request didn't match the stream ID currently associated with framework ID ${id}`,
    });
  });

  test('keeps user and checkpointing, and refuses another principal', () => {
    const world = createWorld();
    const id = subscribe(world, { failoverTimeout: 60, checkpoint: true }, first);
    const again = { id: { value: id }, failoverTimeout: 60 };
    subscribe(world, { ...again, user: 'other' }, second);
    expect(world.state.frameworks.registered.get(id)?.info).toMatchObject({
      user: 'u',
      checkpoint: true,
    });
    subscribe(world, { ...again, principal: 'p' }, 'three' as StreamId);
    expect(said(world, 'three' as StreamId)).toEqual([
      "Changing framework's principal is not allowed.",
    ]);
  });

  test('of an id that this master never saw is taken as it is', () => {
    const world = createWorld();
    expect(subscribe(world, { id: { value: 'mine' } }, first)).toBe('mine');
    expect(world.state.frameworks.registered.get('mine' as never)).toMatchObject({
      active: true,
      recovered: false,
    });
  });
});

describe('a framework that goes away', () => {
  test('has its failover timeout, then it is removed and never comes back', () => {
    const world = createWorld();
    const agentId = register(world);
    const id = subscribe(world, { failoverTimeout: 60 }, first);
    const { id: offerId } = offer(world, id, agentId, 'cpus:1;mem:32', '*', first);
    const operations = [
      { type: 'LAUNCH' as const, launch: { taskInfos: [taskInfo('t', agentId)] } },
    ];
    world.call(
      { type: 'ACCEPT', frameworkId: { value: id }, accept: { offerIds: [offerId], operations } },
      first,
    );
    world.step({ type: 'StreamClosed', stream: first });
    expect(world.call({ type: 'REVIVE', frameworkId: { value: id } }, first)).toMatchObject({
      status: 403,
      body: 'Framework is not subscribed',
    });
    world.advance(59_000);
    expect(world.state.frameworks.registered.size).toBe(1);
    world.advance(2000);
    const completed = world.state.frameworks.completed.get(id);
    expect(completed?.completedTasks.map(({ task }) => [task.taskId.value, task.state])).toEqual([
      ['t', 'TASK_KILLED'],
    ]);
    expect(world.messages('ShutdownFrameworkMessage')).toHaveLength(1);
    expect(world.state.agents.registered.get(agentId)?.used.size).toBe(0);
    subscribe(world, { id: { value: id } }, second);
    expect(said(world, second)).toEqual(['Framework has been removed']);
    expect(world.call({ type: 'REVIVE', frameworkId: { value: id } }, first)).toMatchObject({
      status: 400,
      body: 'Framework cannot be found',
    });
  });

  test('and comes back in time stays', () => {
    const world = createWorld();
    const id = subscribe(world, { failoverTimeout: 60 }, first);
    world.step({ type: 'StreamClosed', stream: first });
    world.advance(30_000);
    subscribe(world, { id: { value: id }, failoverTimeout: 60 }, second);
    world.advance(120_000);
    expect(world.state.frameworks.registered.get(id)?.active).toBe(true);
    const heartbeats = said(world, second).filter((type) => type === 'HEARTBEAT');
    expect(heartbeats).toHaveLength(1 + 120 / 15);
  });
});

describe('a scheduler driver', () => {
  const pid = 'scheduler-1@10.0.0.9:9000' as Pid;

  test('is spoken to in messages', () => {
    const world = createWorld();
    const agentId = register(world);
    const frameworkInfo = { user: 'u', name: 'v0' };
    const call = { type: 'SUBSCRIBE' as const, subscribe: { frameworkInfo } };
    world.step({ type: 'DriverCall', from: pid, call });
    const [registered] = world.messages('FrameworkRegisteredMessage');
    expect(registered).toMatchObject({ frameworkId: { value: 'm-0000' } });
    const frameworkId = { value: 'm-0000' };
    expect(() => offer(world, 'm-0000' as never, agentId)).toThrow('no offer was sent');
    const [offers] = world.messages('ResourceOffersMessage');
    expect(offers).toMatchObject({ offers: [{ frameworkId }], pids: ['slave(1)@10.0.0.2:5051'] });
    const kill = { taskId: { value: 'nosuch' } };
    world.step({ type: 'DriverCall', from: pid, call: { type: 'KILL', frameworkId, kill } });
    expect(world.messages('StatusUpdateMessage')).toMatchObject([
      { update: { status: { state: 'TASK_LOST' } }, pid: '@0.0.0.0:0' },
    ]);
    expect(world.call({ type: 'REVIVE', frameworkId }, first)).toMatchObject({
      status: 403,
      body: 'Framework is not connected via HTTP',
    });
    // Its retries do not make it two frameworks, and its return is a return.
    world.step({ type: 'DriverCall', from: pid, call });
    expect(world.messages('FrameworkRegisteredMessage')).toHaveLength(2);
    const again = { ...frameworkInfo, id: frameworkId };
    const back = { type: 'SUBSCRIBE' as const, frameworkId, subscribe: { frameworkInfo: again } };
    world.step({ type: 'DriverCall', from: pid, call: back });
    expect(world.messages('FrameworkReregisteredMessage')).toHaveLength(1);
    expect(world.state.frameworks.registered.size).toBe(1);
    world.step({ type: 'DeactivateFramework', from: pid, frameworkId: 'm-0000' as never });
    expect(world.state.frameworks.registered.get('m-0000' as never)?.active).toBe(false);
    world.step({ type: 'PeerExited', pid });
    world.advance(1);
    expect(world.state.frameworks.completed.has('m-0000' as never)).toBe(true);
  });

  test('cannot push out its successor, unless it means to fail over', () => {
    const world = createWorld();
    const id = subscribe(world, { failoverTimeout: 60 }, first);
    const frameworkInfo = { user: 'u', name: 'fw', id: { value: id } };
    const call = {
      type: 'SUBSCRIBE' as const,
      frameworkId: frameworkInfo.id,
      subscribe: { frameworkInfo },
    };
    world.step({ type: 'DriverCall', from: pid, call });
    expect(world.messages('FrameworkErrorMessage')).toEqual([{ message: 'Framework failed over' }]);
    world.step({ type: 'DriverCall', from: pid, call, force: true });
    expect(said(world, first).at(-1)).toBe('Framework failed over');
    expect(world.state.frameworks.registered.get(id)?.connection).toEqual({ kind: 'pid', pid });
  });
});
