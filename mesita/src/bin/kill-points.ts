// For tests of the agent's recovery: `MESITA_KILL_AT=launcher.fork/after#3` ends the process, as a
// crash would, when it has been asked to fork for the third time and has done so.
import process from 'node:process';
import { unwrapped, type Wrap } from '../containerizer/wrap.ts';

type Moment = 'before' | 'after';

/** Names of points are `<part>.<method>[.<kind>]/before` or `/after`. */
export function killPoints({ MESITA_KILL_AT: text }: NodeJS.ProcessEnv): Wrap {
  if (text === undefined) return unwrapped;
  const [point, count = '1'] = text.split('#');
  let left = Number(count);
  const pass = (call: string, moment: Moment): void => {
    if (`${call}/${moment}` === point && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
  return (name, part) =>
    new Proxy(part, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]) => {
          const call = [name, String(property), ...kindOf(args)].join('.');
          pass(call, 'before');
          const result: unknown = Reflect.apply(member, target, args);
          if (!(result instanceof Promise)) pass(call, 'after');
          else return result.finally(() => pass(call, 'after'));
          return result;
        };
      },
    });
}

/** What a call is about: a file's name, the type of an event or effect, the kind of a record. */
function kindOf(args: readonly unknown[]): readonly string[] {
  for (const arg of args.flat()) {
    if (typeof arg === 'string') return [arg];
    if (typeof arg !== 'object' || arg === null) continue;
    const { type, kind } = arg as { readonly type?: unknown; readonly kind?: unknown };
    const found = type ?? kind;
    if (typeof found === 'string') return [found];
  }
  return [];
}
