/** Why a library could not be run: a text for people, which names the file. */
export class LoadProblem extends Error {}
