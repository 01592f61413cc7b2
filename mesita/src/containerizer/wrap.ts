/**
 * Puts something around a part of the agent and answers it in the part's place. Called once for
 * each part, when it is made. The tests of recovery end the process at the calls they name.
 */
export type Wrap = <Part extends object>(name: string, part: Part) => Part;

export const unwrapped: Wrap = (_name, part) => part;
