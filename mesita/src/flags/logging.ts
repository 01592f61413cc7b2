import { param } from '@mesita/sdk/module';
import { flag, group } from './flag.ts';
import { int32 } from './param-types.ts';
import type { Check } from './startup.ts';

export const loggingFlags = group('Logging', {
  external_log_file: flag(
    param.string({
      help: 'Log file written by others, shown in UI and API; takes the place of log_dir in the UI.',
    }),
    { supported: false },
  ),
  initialize_driver_logging: flag(
    param.bool({ default: true, help: 'Drivers also set up logging.' }),
  ),
  log_dir: flag(param.string({ help: 'Directory for log files.' })),
  logbufsecs: flag(int32({ default: 0, help: 'Seconds logs may be buffered.' })),
  logging_level: flag(
    param.string({ default: 'INFO', help: 'Lowest severity logged: INFO, WARNING, ERROR.' }),
  ),
  quiet: flag(param.bool({ default: false, help: 'No logging to stderr.' })),
});

const LEVELS: readonly string[] = ['INFO', 'WARNING', 'ERROR'];

export const checkLogging: Check<{ readonly loggingLevel: string }> = ({ loggingLevel }) =>
  LEVELS.includes(loggingLevel)
    ? undefined
    : `'${loggingLevel}' is not a valid logging level. Possible values for 'logging_level' flag are: 'INFO', 'WARNING', 'ERROR'.`;
