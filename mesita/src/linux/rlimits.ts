import type { RLimitInfo } from '@mesita/sdk/types';

/** The kernel's numbers on x86 and ARM. */
export const rlimitNumbers: Readonly<Partial<Record<RLimitInfo.RLimit.Type, number>>> = {
  RLMT_CPU: 0,
  RLMT_FSIZE: 1,
  RLMT_DATA: 2,
  RLMT_STACK: 3,
  RLMT_CORE: 4,
  RLMT_RSS: 5,
  RLMT_NPROC: 6,
  RLMT_NOFILE: 7,
  RLMT_MEMLOCK: 8,
  RLMT_AS: 9,
  RLMT_LOCKS: 10,
  RLMT_SIGPENDING: 11,
  RLMT_MSGQUEUE: 12,
  RLMT_NICE: 13,
  RLMT_RTPRIO: 14,
  RLMT_RTTIME: 15,
};
