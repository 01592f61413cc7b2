// Property tests run the same cases everywhere, so that a change answers only for itself. Other
// cases: PROPERTY_SEED=random, or the seed that a failure printed.
import fc from 'fast-check';

const wanted = process.env['PROPERTY_SEED'] ?? '1';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
