// Texts quote the input, and an answer must stay small however long that was.
const maxLength = 16 * 1024;

/**
 * The one error that input from outside may cause in this room. Its message is fit to be sent
 * to the client that sent the input; callers put their own context before it.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';

  constructor(message: string) {
    super(message.slice(0, maxLength));
  }
}
