import process from 'node:process';
import type { Command } from 'commander';
import { type Asker, credentialOption } from '../credential.ts';
import { askJson } from '../daemon-client.ts';
import { findMaster, masterOption } from '../master-address.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import type { Answer, Subject } from './answer.ts';
import { listFrameworks, tellStory } from './story.ts';

interface Question {
  /** `host:port`. */
  readonly master: string;
  readonly framework?: string;
  readonly role?: string;
  readonly agent?: string;
  readonly credential: Asker;
}

/** Whom one can ask about. */
interface Frameworks {
  readonly frameworks: readonly Subject[];
}

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('Tell why a framework gets no offers: what stops them, and what would change it.')
    .addOption(masterOption())
    .option('--framework <id>', 'its id or name; without it, the frameworks are listed')
    .option('--role <role>', 'one of its roles')
    .option('--agent <id>', 'one agent, by its id or host name')
    .addOption(credentialOption())
    .action(async (question: Question) => {
      const terminal = createTerminal(process.stdout, process.env);
      for (const line of await askMaster(question, terminal)) terminal.line(line);
    });
}

/** Throws a Problem when the master does not answer, or refuses to. */
export async function askMaster(question: Question, style: Terminal): Promise<string[]> {
  const answer = await fetchAnswer(question, question.framework);
  if (!('frameworks' in answer)) return tellStory(answer, style);
  const [only] = answer.frameworks;
  if (only === undefined || answer.frameworks.length > 1) return listFrameworks(answer.frameworks);
  const story = await fetchAnswer(question, only.id);
  return 'frameworks' in story ? listFrameworks(story.frameworks) : tellStory(story, style);
}

async function fetchAnswer(
  { master, role, agent, credential: asker }: Question,
  framework: string | undefined,
): Promise<Answer | Frameworks> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ framework, role, agent })) {
    if (value !== undefined) query.set(name, value);
  }
  const leader = { kind: 'master', address: await findMaster(master), asker } as const;
  return (await askJson(leader, `/master/explain?${query}`)) as Answer | Frameworks;
}
