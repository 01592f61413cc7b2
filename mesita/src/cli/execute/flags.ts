import { err, ok, type Result } from '@mesita/sdk/base';
import { param } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { Environment } from '@mesita/sdk/types';
import { commonFlags } from '../../flags/common.ts';
import { type FlagValues, flag, group } from '../../flags/flag.ts';
import { formatHelp, type Usage } from '../../flags/help.ts';
import { type LoadError, load } from '../../flags/load.ts';
import { jsonObject } from '../../flags/param-types.ts';
import { readFile } from '../../flags/read-file.ts';
import { manifestParam } from '../../modules/manifest.ts';
import { CREDENTIAL_VARIABLE, readCredentialFile } from '../credential.ts';

const later = { supported: false } as const;

/** The environment: `{"NAME": "value"}`. */
const environment = {
  ...jsonObject({ help: 'Environment of the command: {"NAME": "value"}, or a file holding it.' }),
};

const executeSpec = {
  ...group('Task', {
    master: flag(
      param.string({ required: true, help: 'Master: host:port, or zk://host:port,.../path.' }),
    ),
    name: flag(param.string({ help: 'Name of the task, and its id.' })),
    command: flag(param.string({ help: 'What to run.' })),
    shell: flag(param.bool({ default: true, help: 'Run the command by a shell.' })),
    env: flag(environment),
    resources: flag(param.string({ default: 'cpus:1;mem:128', help: 'What the task needs.' })),
    kill_after: flag(param.duration({ help: 'Kill the task when it has run for this long.' })),
    task: flag(param.string({ help: 'A whole TaskInfo, JSON or file.' }), later),
    task_group: flag(param.string({ help: 'A TaskGroupInfo, JSON or file.' }), later),
  }),
  ...group('Framework', {
    role: flag(param.string({ default: '*', help: 'Role to subscribe with.' })),
    principal: flag(param.string({ help: 'Principal to authenticate as.' })),
    secret: flag(
      param.secret({
        help: "The principal's secret; file://<path> keeps it off the command line.",
      }),
    ),
    credential: flag(
      param.path({
        help: `File with principal and secret, in place of both flags; or ${CREDENTIAL_VARIABLE} names it.`,
      }),
    ),
    checkpoint: flag(param.bool({ default: false, help: 'Let the task survive its agent.' })),
    partition_aware: flag(
      param.bool({ default: true, help: 'Be told of an unreachable agent, not of a lost task.' }),
    ),
    framework_capabilities: flag(
      param.list({ help: 'More capabilities: GPU_RESOURCES is the only one.' }),
    ),
    content_type: flag(
      param.string({
        default: 'protobuf',
        help: 'Encoding of calls and events: json or protobuf.',
      }),
    ),
  }),
  ...group('Modules', {
    http_authenticatee: flag(
      param.string({
        default: 'basic',
        help: 'Who puts credentials into requests: basic or a module.',
      }),
    ),
    modules: flag(manifestParam({ help: 'Module manifest; not together with modules_dir.' })),
    modules_dir: flag(
      param.string({ help: 'Directory of module manifests; not together with modules.' }),
    ),
    module_path: flag(
      param.list({ help: 'Directories whose node_modules hold modules that manifests name.' }),
    ),
  }),
  ...group('Container', {
    containerizer: flag(param.string({ default: 'mesos', help: 'mesos or docker.' }), later),
    docker_image: flag(param.string({ help: 'Docker image, <image>:<tag>.' }), later),
    appc_image: flag(param.string({ help: 'Appc image.' }), later),
    volumes: flag(param.string({ help: 'Volumes, JSON or file.' }), later),
    networks: flag(param.string({ help: 'Networks to join, between commas.' }), later),
    effective_capabilities: flag(param.string({ help: 'Capabilities to give, JSON.' }), later),
    bounding_capabilities: flag(param.string({ help: 'Bound of capabilities, JSON.' }), later),
    rlimits: flag(param.string({ help: 'Resource limits, JSON.' }), later),
    tty: flag(param.bool({ default: false, help: 'Give the task a terminal.' }), later),
  }),
  ...group('Package', {
    package: flag(param.string({ help: 'File to put into HDFS and fetch.' }), later),
    overwrite: flag(param.bool({ default: false, help: 'Replace it there.' }), later),
    hadoop: flag(param.string({ default: 'hadoop', help: 'The hadoop script.' }), later),
    hdfs: flag(param.string({ default: 'localhost:9000', help: 'The NameNode.' }), later),
  }),
  help: commonFlags.help,
};

/** Mesos' scheduler library reads its own flags from the environment; no other is read there. */
const LIBRARY_FLAGS = ['http_authenticatee', 'modules', 'modules_dir', 'module_path'] as const;
const PREFIX = 'MESOS_';

const usage: Usage = {
  name: 'mesos-execute',
  summary:
    "Runs one command somewhere in the cluster, shows what it prints, and ends with its exit status. Progress goes to stderr, the task's output to stdout and stderr.",
  examples: [
    [
      "mesos-execute --master=127.0.0.1:5050 --name=hello --command='echo hello from $(hostname)'",
      'one command',
    ],
    [
      "mesos-execute --master=127.0.0.1:5050 --name=slow --command='sleep 60' --kill_after=5secs",
      'killed after five seconds: exit status 143 or 137',
    ],
  ],
};

type Values = FlagValues<typeof executeSpec>;

export interface ExecuteFlags extends Values {
  readonly name: string;
  readonly command: string;
  readonly contentType: 'json' | 'protobuf';
  readonly needs: Resources;
  readonly variables: readonly Environment.Variable[];
  /** Where `modules` lies, when it was given as a file. */
  readonly manifestFile: string | undefined;
}

type ExecuteStart =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly flags: ExecuteFlags }
  | { readonly kind: 'refused'; readonly error: LoadError };

export function readExecuteFlags(
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
): ExecuteStart {
  if (argv.includes('--help')) return { kind: 'help', text: formatHelp(usage, executeSpec) };
  const names = LIBRARY_FLAGS.map((name) => PREFIX + name.toUpperCase());
  const env = Object.fromEntries(names.map((name) => [name, variables[name]]));
  const loaded = load(executeSpec, { argv, env, prefix: PREFIX, readFile });
  if (!loaded.ok) return { kind: 'refused', error: loaded.error };
  const [unsupported] = loaded.value.unsupported;
  if (unsupported !== undefined) {
    return refused(`Flag '${unsupported}' is not supported yet`);
  }
  const who = readWho(loaded.value.values, variables[CREDENTIAL_VARIABLE]);
  if (!who.ok) return refused(who.error);
  const values = { ...loaded.value.values, ...who.value };
  const checked = check(values, loaded.value.files.get('modules'));
  return checked.ok ? { kind: 'run', flags: checked.value } : refused(checked.error);
}

function refused(message: string): ExecuteStart {
  return { kind: 'refused', error: { message } };
}

/** Mesos' own flags say it outright; then a variable that is there for other commands is not read. */
function readWho(
  { principal, secret, credential }: Values,
  variable: string | undefined,
): Result<Pick<Values, 'principal' | 'secret'>> {
  const isGiven = principal !== undefined || secret !== undefined;
  if (isGiven && credential !== undefined) {
    return err('Only one of --credential or --principal with --secret should be specified');
  }
  const path = credential ?? (isGiven ? undefined : variable);
  return path ? readCredentialFile(path) : ok({ principal, secret });
}

function check(values: Values, manifestFile: string | undefined): Result<ExecuteFlags> {
  const { name, command, shell, contentType, resources, env = {} } = values;
  if (name === undefined) return err('Missing required option --name');
  if (command === undefined) return err('Missing required option --command');
  if (!shell) return err('--no-shell is not supported yet');
  if (values.modules !== undefined && values.modulesDir !== undefined) {
    return err('Only one of --modules or --modules_dir should be specified');
  }
  const encoding = contentType.replace('application/', '').replace('x-protobuf', 'protobuf');
  if (encoding !== 'json' && encoding !== 'protobuf') {
    return err(`Invalid content type '${contentType}'`);
  }
  const unknown = values.frameworkCapabilities?.find((each) => each !== 'GPU_RESOURCES');
  if (unknown !== undefined) {
    return err(`Flags '--framework_capabilities' specifies an unsupported capability '${unknown}'`);
  }
  const needs = Resources.parse(resources);
  if (!needs.ok) return err(`Failed to parse resources '${resources}': ${needs.error}`);
  const variables: Environment.Variable[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (typeof value !== 'string')
      return err(`The value of '${variable}' in --env is not a string`);
    variables.push({ name: variable, value });
  }
  return ok({
    ...values,
    ...{ name, command, contentType: encoding, needs: needs.value, variables, manifestFile },
  });
}
