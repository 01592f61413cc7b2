/**
 * The one error that input from outside may cause in this room. Its message is fit to be sent
 * to the client that sent the input; callers put their own context before it.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
