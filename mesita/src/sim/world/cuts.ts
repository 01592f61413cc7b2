/** Nothing moves from one of `from` to one of `to`. */
interface Cut {
  readonly from: ReadonlySet<string> | 'others';
  readonly to: ReadonlySet<string> | 'others';
}

/** Where the network is in pieces. */
export interface Cuts {
  /** Between these and those, or all others. One way only: what the first ones send is stuck. */
  cut(these: readonly string[], those: readonly string[] | 'others', isOneWay: boolean): Heal;
  isCut(from: string, to: string): boolean;
}

/** Ends a cut. */
type Heal = () => void;

/** `healed` is told who is connected now and was before. */
export function createCuts(
  healed: (isAsBefore: (from: string, to: string) => boolean) => void,
): Cuts {
  const cuts = new Set<Cut>();
  const isCut = (from: string, to: string) => {
    if (cuts.size === 0 || from === to) return false;
    for (const cut of cuts) if (separates(cut, from, to)) return true;
    return false;
  };
  return {
    isCut,
    cut(these, those, isOneWay) {
      const a = new Set(these);
      const b = those === 'others' ? those : new Set(those);
      const made: Cut[] = [{ from: a, to: b }];
      if (!isOneWay) made.push({ from: b, to: a });
      for (const cut of made) cuts.add(cut);
      return () => {
        for (const cut of made) cuts.delete(cut);
        healed((from, to) => !made.some((cut) => separates(cut, from, to)));
      };
    },
  };
}

function separates({ from, to }: Cut, sender: string, receiver: string): boolean {
  if (from === 'others') return to !== 'others' && to.has(receiver) && !to.has(sender);
  if (!from.has(sender)) return false;
  return to === 'others' ? !from.has(receiver) : to.has(receiver);
}
