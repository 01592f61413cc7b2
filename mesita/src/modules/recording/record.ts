// `--record_modules`: what modules are asked and answer, as lines that can be played again.
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import { type Call, calls } from '@mesita/sdk/module/calls';
import { inPlaceOf, type LateApprover } from '../../net/late-approver.ts';
import { redactParameters } from '../describe.ts';
import type { Held, Tap } from '../held.ts';
import { isThenable } from '../homes/guarded-method.ts';
import { oneLine } from '../one-line.ts';
import { type Line, writeArgs, writeResult } from './line.ts';
import { createRecordFile, type RecordFile } from './record-file.ts';

export interface ModuleRecorder {
  /** From now on, whatever version of it is there. */
  record(held: Held): void;
  stop(): Promise<void>;
}

interface RecorderParts {
  readonly clock: Clock;
  readonly log: Logger;
}

export function createModuleRecorder(
  directory: string | undefined,
  { clock, log }: RecorderParts,
): ModuleRecorder {
  const files: RecordFile[] = [];
  return {
    record(held) {
      if (directory === undefined) return;
      const path = join(directory, `${held.name}.jsonl`);
      const file = createRecordFile(path, () => [creationOf(held, clock)], log);
      files.push(file);
      held.addTap(createTap(held, file, clock));
    },
    async stop() {
      await Promise.all(files.map((file) => file.close()));
    },
  };
}

function creationOf({ version, kind, name }: Held, clock: Clock): Line {
  const { loaded } = version;
  return {
    at: clock.now(),
    method: 'create',
    args: {
      ...{ instance: name, kind, module: loaded?.module.name ?? name },
      hash: loaded?.library.hash ?? '',
      parameters: loaded ? redactParameters(loaded, loaded.entry.parameters) : [],
    },
  };
}

/**
 * A number in place of a conversation with a peer. What is said in it is not recorded: each message
 * is a secret or was made from one, and a replay without them would prove nothing.
 */
function nameChannel(call: Call, args: readonly unknown[], id: number | undefined) {
  return call.lends === 'channel' ? args.with(Object.keys(call.args).indexOf('channel'), id) : args;
}

function createTap({ kind }: Held, file: RecordFile, clock: Clock): Tap {
  const { callbacks } = calls[kind];
  let last = 0;
  /** A recording that fails must not fail the call. */
  const note = (make: () => object) => {
    try {
      file.write({ at: clock.now(), ...make() } as Line);
    } catch (error) {
      file.write({ at: clock.now(), id: -1, error: `not recorded: ${oneLine(error)}` });
    }
  };
  const noteAnswer = (by: object, id: number, call: Call, answer: unknown) => {
    const result = (value: unknown) =>
      note(() => ({ ...by, id, result: writeResult(call, value) }));
    const failed = (error: unknown) => note(() => ({ ...by, id, error: oneLine(error) }));
    if (isThenable(answer)) answer.then(result, failed);
    else result(answer);
  };

  /** A function that the module calls, and what is heard of it. */
  function listen(name: string, lent: (...args: readonly unknown[]) => unknown) {
    const call = callbacks[name] as Call;
    return (...args: readonly unknown[]) => {
      const id = call.sort === 'notification' ? undefined : ++last;
      note(() => ({ by: 'module', ...(id && { id }), method: name, args: writeArgs(call, args) }));
      const answer = lent(...args);
      if (id !== undefined) noteAnswer({ by: 'daemon' }, id, call, answer);
      return answer;
    };
  }

  function lend(call: Call, args: readonly unknown[]): readonly unknown[] {
    const lent = args.at(-1) as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;
    if (call.lends === 'usage') return args.with(-1, listen('usage', lent as never));
    if (call.lends !== 'callbacks') return args;
    const own = Object.keys(callbacks).map((name) => [
      name,
      listen(name, (...given) => lent[name]?.(...given)),
    ]);
    return args.with(-1, Object.fromEntries(own));
  }

  return (method, call, args, next) => {
    if (call.gives === 'approver') return approve(method, call, args, next(args));
    const id = call.sort === 'notification' ? undefined : ++last;
    note(() => ({ ...(id && { id }), method, args: writeArgs(call, nameChannel(call, args, id)) }));
    let answer: unknown;
    try {
      answer = next(lend(call, args));
    } catch (error) {
      if (id !== undefined) note(() => ({ id, error: oneLine(error) }));
      throw error;
    }
    if (id === undefined || call.gives === 'candidacy') return answer;
    noteAnswer({}, id, call, answer);
    return answer;
  };

  /** An approver decides later, object by object: these are the answers. */
  function approve(method: string, call: Call, args: readonly unknown[], answer: unknown): unknown {
    const listening = (decide: LateApprover) =>
      inPlaceOf(decide, (object) => {
        const id = ++last;
        note(() => ({ id, method, args: writeArgs(call, [...args.slice(0, 2), object]) }));
        const isAllowed = decide(object);
        note(() => ({ id, result: isAllowed }));
        return isAllowed;
      });
    return isThenable(answer) ? answer.then(listening as never) : listening(answer as never);
  }
}
