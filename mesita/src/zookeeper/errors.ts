/** What can go wrong with a request, or end a session. */
type ZooKeeperErrorCode =
  | 'NO_NODE'
  | 'NODE_EXISTS'
  | 'NOT_EMPTY'
  | 'BAD_VERSION'
  | 'NO_AUTH'
  | 'AUTH_FAILED'
  | 'INVALID_ACL'
  | 'NO_CHILDREN_FOR_EPHEMERALS'
  /** A part of a transaction that failed for the sake of another one. */
  | 'ROLLED_BACK'
  /** The request may have been carried out, or not. */
  | 'CONNECTION_LOSS'
  | 'SESSION_EXPIRED'
  | 'CLOSED'
  /** A server that answers something that makes no sense. */
  | 'PROTOCOL'
  /** Any other number that a server may answer. */
  | 'SERVER';

export class ZooKeeperError extends Error {
  readonly code: ZooKeeperErrorCode;

  constructor(code: ZooKeeperErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ZooKeeperError';
    this.code = code;
  }
}

const codes: Readonly<Record<number, ZooKeeperErrorCode>> = {
  [-2]: 'ROLLED_BACK',
  [-4]: 'CONNECTION_LOSS',
  [-101]: 'NO_NODE',
  [-102]: 'NO_AUTH',
  [-103]: 'BAD_VERSION',
  [-108]: 'NO_CHILDREN_FOR_EPHEMERALS',
  [-110]: 'NODE_EXISTS',
  [-111]: 'NOT_EMPTY',
  [-112]: 'SESSION_EXPIRED',
  [-114]: 'INVALID_ACL',
  [-115]: 'AUTH_FAILED',
};

/** Of the number that stands in an answer, other than 0. */
export function errorOf(number: number, request: string): ZooKeeperError {
  const code = number === 0 ? 'ROLLED_BACK' : (codes[number] ?? 'SERVER');
  return new ZooKeeperError(code, `${request}: ${describe(code, number)}`);
}

function describe(code: ZooKeeperErrorCode, number: number): string {
  return code === 'SERVER' ? `ZooKeeper error ${number}` : code.toLowerCase().replaceAll('_', ' ');
}
