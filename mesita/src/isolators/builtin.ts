import diskDu from './disk/du/index.ts';
import environmentSecret from './environment_secret/index.ts';
import filesystemPosix from './filesystem/posix/index.ts';
import posixCpu from './posix/cpu/index.ts';
import posixMem from './posix/mem/index.ts';
import posixRlimits from './posix/rlimits/index.ts';

/** The built-in isolators, for the one catalog of modules. */
export const builtinIsolators = [
  filesystemPosix,
  posixCpu,
  posixMem,
  posixRlimits,
  diskDu,
  environmentSecret,
] as const;
