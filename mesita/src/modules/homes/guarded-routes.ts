import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { ModuleRequest, ModuleResponse, ModuleRoutes } from '@mesita/sdk/module';
import { commonCalls } from '@mesita/sdk/module/calls';
import { nonsense } from './failure.ts';
import type { Failures, GuardOptions } from './guard.ts';
import { createGuardedMethod, type GuardedMethod } from './guarded-method.ts';

/** As `/modules` and metrics name the requests to all routes of an instance. */
export const ROUTE = 'route';

type Ask = (request: ModuleRequest) => ModuleResponse | Promise<ModuleResponse>;

interface GuardedRoutes {
  readonly routes: ModuleRoutes;
  readonly requests: GuardedMethod;
}

/** Routes through which a request costs what a call costs: see `guard`. */
export function guardRoutes(
  routes: ModuleRoutes | undefined,
  options: GuardOptions,
  failures: Failures,
): GuardedRoutes {
  const { name, clock, now = () => performance.now(), deadlineMs } = options;
  const call = commonCalls.methods.route;
  const aborts = new WeakMap<PromiseLike<unknown>, AbortController>();
  const requests = createGuardedMethod({
    method: ROUTE,
    title: `Module '${name}': ${ROUTE}`,
    call: { ...call, deadlineMs: deadlineMs ?? call.deadlineMs },
    target: {
      call(_method, [handler, request]) {
        const abort = new AbortController();
        const given = { ...(request as ModuleRequest), signal: abort.signal };
        const answer = (async () => checkHead(await (handler as Ask)(given)))();
        aborts.set(answer, abort);
        return answer;
      },
      abandon: (answer) => aborts.get(answer)?.abort(new Error('it took too long')),
    },
    ...{ clock, now, builtin: undefined, failed: (error: Error) => failures.note(ROUTE, error) },
  });
  return {
    requests,
    routes: {
      handle(path, handler) {
        routes?.handle(path, async (request) => {
          return (await requests.invoke(handler, request)) as ModuleResponse;
        });
      },
    },
  };
}

/** What no HTTP response can begin with is no answer. The rest of its shape the guard looks at. */
function checkHead(answer: ModuleResponse): ModuleResponse {
  const { status = 200, headers = {} } = answer ?? {};
  try {
    if (!(status >= 200 && status <= 599)) throw new Error(`status ${status}`);
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (error) {
    throw nonsense(error as Error);
  }
  return answer;
}
