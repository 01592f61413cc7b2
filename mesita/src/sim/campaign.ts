import { type SimulationReport, simulate } from './simulation.ts';
import { type FaultPoint, faultPointNames } from './world/fault-points.ts';
import type { Sabotage } from './world/sabotage.ts';

/** What a world is made of. */
export interface Shape {
  readonly masters: number;
  readonly agents: number;
  readonly frameworks: number;
  readonly hours: number;
  readonly isHasty?: boolean;
}

interface CampaignOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly shapeOf: (seed: number) => Shape;
  readonly sabotage?: Sabotage | undefined;
  /** After each world. True: that is enough. */
  readonly onReport?: (report: SimulationReport) => boolean | undefined;
}

interface CampaignReport {
  readonly failures: readonly SimulationReport[];
  /** How often each named place was struck, in all worlds together. */
  readonly struck: ReadonlyMap<FaultPoint, number>;
  readonly neverStruck: readonly FaultPoint[];
}

/** One world after another. */
export async function campaign(options: CampaignOptions): Promise<CampaignReport> {
  const { firstSeed, seeds, shapeOf, sabotage, onReport } = options;
  const struck = new Map<FaultPoint, number>();
  const failures: SimulationReport[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const report = await simulate({ ...shapeOf(seed), seed, sabotage });
    for (const [point, times] of report.struck) {
      struck.set(point, (struck.get(point) ?? 0) + times);
    }
    if (report.failure) failures.push(report);
    if (onReport?.(report)) break;
  }
  const neverStruck = faultPointNames.filter((point) => !struck.has(point));
  return { failures, struck, neverStruck };
}

/** Short worlds of several kinds, as many as one has time for. */
export function shortWorld(seed: number): Shape {
  const masters = seed % 3 === 0 ? 1 : 3;
  const hours = seed % 4 === 0 ? 0.08 : 0.04;
  return { masters, agents: 3, frameworks: 5, hours, isHasty: seed % 2 === 0 };
}
