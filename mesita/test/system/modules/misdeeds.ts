// Modules that do what the call tells them to, in JavaScript and in Python.
import type { InstanceOf, KindName } from '@mesita/sdk/module';

/** One call of each kind that carries the deed, and what a good answer is. */
export const callsByKind = {
  Isolator: {
    method: 'usage',
    deed: '([id]) => id.value',
    args: 'args["id"]["value"]',
    good: { memRssBytes: 1 },
    goodJson: '{"mem_rss_bytes": 1}',
    call: (instance: object, deed: string) =>
      (instance as InstanceOf<'Isolator'>).usage?.({ value: deed }),
  },
  Hook: {
    method: 'agentExecutorEnvironmentDecorator',
    deed: '([executor]) => executor.name',
    args: 'args["executor"]["name"]',
    good: { variables: [{ name: 'A', type: 'VALUE', value: 'b' }] },
    goodJson: '{"variables": [{"name": "A", "type": "VALUE", "value": "b"}]}',
    call: (instance: object, deed: string) =>
      (instance as InstanceOf<'Hook'>).agentExecutorEnvironmentDecorator?.({
        executorId: { value: 'e' },
        name: deed,
      }),
  },
  Authorizer: {
    method: 'authorized',
    deed: '([subject, action, object]) => object.value',
    args: 'args["object"]["value"]',
    good: true,
    goodJson: 'True',
    call: (instance: object, deed: string) =>
      (instance as InstanceOf<'Authorizer'>).authorized(undefined, 'RUN_TASK', { value: deed }),
  },
  Allocator: {
    method: 'inverseOfferStatuses',
    // Its only argument-less request: the deed comes with the notification before.
    deed: '() => globalThis.deed',
    args: 'deed',
    good: new Map(),
    goodJson: '{}',
    call: (instance: object, deed: string) => {
      (instance as InstanceOf<'Allocator'>).removeFramework(deed as never);
      return (instance as InstanceOf<'Allocator'>).inverseOfferStatuses();
    },
  },
  DiskProfileAdaptor: {
    method: 'translate',
    deed: '([profile]) => profile',
    args: 'args["profile"]',
    good: { capability: { accessMode: 'SINGLE_NODE_WRITER' }, parameters: {} },
    goodJson: '{"capability": {"access_mode": "SINGLE_NODE_WRITER"}, "parameters": {}}',
    call: (instance: object, deed: string) =>
      (instance as InstanceOf<'DiskProfileAdaptor'>).translate(deed, { type: 't', name: 'n' }),
  },
} as const satisfies Partial<Record<KindName, unknown>>;

type TestedKind = keyof typeof callsByKind;

export function misbehavingModule(kind: TestedKind): string {
  const { method, deed, good } = callsByKind[kind];
  const answer = good instanceof Map ? 'new Map()' : JSON.stringify(good);
  return `
import process from 'node:process';
import { defineModule } from '@mesita/sdk/module';

const deedOf = ${deed};

function act(deed, context) {
  switch (deed) {
    case 'throws': throw new Error('I throw');
    case 'rejects': return Promise.reject(new Error('I reject'));
    case 'throws nothing': throw undefined;
    case 'answers nonsense': return Promise.resolve(['nonsense', 42]);
    case 'answers a function': return Promise.resolve(() => 'nobody can copy this');
    case 'hangs': return new Promise(() => {});
    case 'is busy for ever': for (;;);
    case 'exits': return process.exit(3);
    case 'crashes': setTimeout(() => { throw new Error('nobody catches me'); }); return new Promise(() => {});
    case 'leaks': { const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length)); }
    case 'prints without end': return (async () => {
      for (let i = 0; i < 2_000; i++) {
        process.stdout.write('flood '.repeat(1_000) + '\\n');
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      await new Promise(() => {});
    })();
    case 'calls without end': return (async () => {
      for (let i = 0; i < 200_000; i++) {
        context.log.info('call ' + i);
        if (i % 1_000 === 0) await new Promise(setImmediate);
      }
      await new Promise(() => {});
    })();
    default: return Promise.resolve(${answer});
  }
}

export default defineModule({
  kind: '${kind}',
  name: 'test',
  create: (context) => ({
    removeFramework(id) { globalThis.deed = id; },
    ${method}: (...args) => act(deedOf(args), context),
  }),
});
`;
}

export function misbehavingProgram(kind: TestedKind): string {
  const { method, args, goodJson } = callsByKind[kind];
  return `#!/usr/bin/env python3
import json, os, sys, time

deed = None

def say(message):
    sys.stdout.write(json.dumps(message) + "\\n")
    sys.stdout.flush()

def act(deed):
    if deed == "throws" or deed == "rejects": raise Exception("I " + deed[:-1])
    if deed == "answers nonsense": return ["nonsense", 42]
    if deed == "hangs" or deed == "is busy for ever":
        while True: time.sleep(3600) if deed == "hangs" else None
    if deed == "exits": os._exit(3)
    if deed == "crashes": os.abort()
    if deed == "leaks":
        kept = []
        while True: kept.append(bytearray(10_000_000))
    if deed == "prints without end":
        while True: sys.stderr.write("flood " * 1000 + "\\n")
    if deed == "calls without end":
        while True: say({"method": "log", "args": {"level": "info", "text": "call"}})
    if deed == "says nonsense without end":
        while True: print("this is no JSON")
    if deed == "writes a line without end":
        while True: sys.stdout.write("x" * 100_000)
    return ${goodJson}

for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        if message.get("method") == "removeFramework": deed = message["args"]["framework"]
        if message.get("method") == "shutdown": sys.exit(0)
        continue
    id, args = message["id"], message["args"]
    try:
        if message["method"] == "describe": result = {"protocol": 1, "kind": "${kind}", "name": "test"}
        elif message["method"] == "create": result = {"methods": ["removeFramework", "${method}"]}
        else: result = act(${args})
        say({"id": id, "result": result})
    except Exception as error:
        say({"id": id, "error": str(error)})
`;
}
