import { err, ok, type Result } from '@mesita/sdk/base';
import { type AllocatorCorrection, type Options, param } from '@mesita/sdk/module';

const CORRECTIONS: readonly AllocatorCorrection[] = [
  'inner_weights',
  'nested_limits',
  'fair_subtrees',
  'idle_last',
];

type Corrections = ReadonlySet<AllocatorCorrection>;

export function correctionSet<const O extends Options<Corrections>>(options: O) {
  const format = (corrections: Corrections) => [...corrections].join(',');
  return param.of<Corrections, O>({ type: 'list', parse, format }, options);
}

function parse(text: string): Result<Corrections> {
  const chosen = new Set<AllocatorCorrection>();
  for (const word of text.split(',').filter((part) => part !== '')) {
    const known = CORRECTIONS.filter((correction) => word === 'all' || word === correction);
    if (known.length === 0)
      return err(`Unknown correction '${word}': not one of ${CORRECTIONS.join(', ')}, all`);
    for (const correction of known) chosen.add(correction);
  }
  return ok(chosen);
}
