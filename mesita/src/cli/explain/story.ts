import type { Terminal } from '../terminal.ts';
import type { AgentAnswer, Answer, OfferAnswer, RoleAnswer, Subject } from './answer.ts';
import { ORDER, titleOf } from './gates.ts';

type Style = Pick<Terminal, 'bold' | 'dim' | 'green' | 'red'>;

/** The answer as a person would tell it: line by line, the nearest cause first. */
export function tellStory({ framework, roles, offers }: Answer, style: Style): string[] {
  return [
    style.bold(`${framework.name || 'framework'} (${framework.id})`),
    ...(framework.active ? [] : [style.red('  is not connected, or deactivated')]),
    ...roles.flatMap((role) => tellRole(role, framework.id, style)),
    '',
    ...tellOffers(offers, style),
  ];
}

/** Whom one can ask about, as a table. */
export function listFrameworks(frameworks: readonly Subject[]): string[] {
  if (frameworks.length === 0) return ['No framework is registered.'];
  const rows = frameworks.map(({ id, name, active, roles, suppressed_roles: suppressed }) => {
    const shown = roles.map((role) => (suppressed.includes(role) ? `${role} (suppressed)` : role));
    return [id, name ?? '', active ? 'active' : 'inactive', shown.join(', ')];
  });
  return [...columns([['ID', 'NAME', 'STATE', 'ROLES'], ...rows]), '', 'Ask: --framework=<id>'];
}

function tellRole(role: RoleAnswer, self: string, style: Style): string[] {
  const stopped = [...role.stopped].sort((a, b) => ORDER.indexOf(a.gate) - ORDER.indexOf(b.gate));
  const total = role.agents_open + stopped.reduce((sum, { agents }) => sum + agents, 0);
  const share = role.dominant_share === undefined ? '' : `, share ${percent(role.dominant_share)}`;
  const lines = [
    '',
    style.bold(`role ${role.role}`) + style.dim(` (${count(total, 'agent')}${share})`),
  ];
  if (total === 0) lines.push('  no agent is registered');
  for (const { gate, agents } of stopped) {
    lines.push(`  ${style.red('✗')} ${count(agents, 'agent')}: ${titleOf(gate)}`);
    lines.push(
      ...tellAgents(
        role.agents.filter((agent) => agent.gate === gate),
        self,
        style,
      ),
    );
  }
  if (role.agents_open > 0) lines.push(...tellOpen(role, style));
  return lines;
}

function tellAgents(agents: readonly AgentAnswer[], self: string, style: Style): string[] {
  // One sentence often holds for all of them.
  const lines = [...groupByReason(agents)].map(([reason, group]) => {
    const hosts = group.map(({ hostname, agent_id: id }) => hostname ?? id).join(', ');
    return `      ${hosts}: ${reason.replaceAll(self, 'the framework itself')}`;
  });
  const remedies = new Set(agents.flatMap(({ remedy }) => remedy ?? []));
  return [...lines, ...[...remedies].map((remedy) => style.dim(`      to change it: ${remedy}`))];
}

function groupByReason(agents: readonly AgentAnswer[]): Map<string, AgentAnswer[]> {
  const groups = new Map<string, AgentAnswer[]>();
  for (const agent of agents)
    groups.set(agent.reason, [...(groups.get(agent.reason) ?? []), agent]);
  return groups;
}

function tellOpen(role: RoleAnswer, style: Style): string[] {
  const { agents_open: open, asked_before: before, roles_asked_before: roles = [] } = role;
  const lines = [`  ${style.green('✓')} ${count(open, 'agent')}: nothing stands in between`];
  if (before.length === 0 && roles.length === 0) {
    lines.push('      and nobody is asked before: an offer is due in the next run');
    return lines;
  }
  if (roles.length > 0) {
    const own = shareOf(role.role_dominant_share);
    lines.push(`      but these roles are asked before this one${own}, the nearest first:`);
    for (const { role: name, dominant_share: share } of roles)
      lines.push(`        ${name}${shareOf(share)}`);
  }
  if (before.length > 0) {
    lines.push('      but these frameworks of the role are asked before, the nearest first:');
    for (const { name, framework_id: id, dominant_share: share } of before)
      lines.push(`        ${name || id}${shareOf(share)}`);
  }
  return lines;
}

function shareOf(share: number | undefined): string {
  return share === undefined ? '' : ` with share ${percent(share)}`;
}

function tellOffers(offers: readonly OfferAnswer[], style: Style): string[] {
  if (offers.length === 0) return ['No offer was made to it since this master leads.'];
  const rows = offers.map(
    ({ offered_at: at, outcome, role, hostname, agent_id: id, resources }) => [
      `  ${new Date(at * 1000).toISOString().replace('T', ' ').slice(0, 19)}`,
      outcome.toLowerCase(),
      role,
      hostname ?? id,
      resources,
    ],
  );
  return [style.bold('The last offers') + style.dim(' (UTC, latest first)'), ...columns(rows)];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
