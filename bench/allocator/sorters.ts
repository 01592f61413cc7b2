// The sorter alone.

import type { Quantities } from '../../mesita/src/allocator/quantities.ts';
import { DrfSorter } from '../../mesita/src/allocator/sorter/drf-sorter.ts';
import { ClusterTotals } from '../../mesita/src/allocator/totals.ts';
import { resources } from './cluster.ts';
import type { Row, Took } from './measure.ts';
import { ms, timedOnce } from './measure.ts';

export function fullSort(agents: number, clients: number): Row {
  return {
    name: `FullSort ${agents} x ${clients}`,
    run(report) {
      report.say(`Using ${agents} agents and ${clients} clients`);
      const totals = new ClusterTotals();
      const sorter = new DrfSorter<string>(totals);
      const names = Array.from({ length: clients }, (_, i) => `client${i}`);
      const phase = (name: string, said: string, act: () => void): Took => {
        const took = timedOnce(act);
        report.say(`${said} in ${ms(took)}`);
        report.figure(name, took);
        return took;
      };
      const added: ReturnType<typeof sorter.add>[] = [];
      phase('add clients', `Added ${clients} clients`, () => {
        for (const name of names) {
          const client = sorter.add(name, name);
          sorter.activate(client);
          added.push(client);
        }
      });
      const total = resources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
      phase('add agents', `Added ${agents} agents`, () => {
        for (let i = 0; i < agents; i++) totals.add(totals.known.find(total).sums.all);
      });
      const used = resources('cpus:16;mem:2014;disk:1024');
      const each = (act: (client: (typeof added)[0], amounts: Quantities) => void) => () => {
        for (let i = 0; i < agents; i++)
          act(added[i % clients] as (typeof added)[0], totals.known.find(used).sums.all);
      };
      const sort = () =>
        sorter.walk(() => {
          return false;
        });
      phase(
        'allocate',
        `Added allocations for ${agents} agents`,
        each((c, a) => sorter.allocated(c, a)),
      );
      phase('sort', `Full sort of ${clients} clients took`, sort);
      phase('sort again', `No-op sort of ${clients} clients took`, sort);
      phase(
        'unallocate',
        `Removed allocations for ${agents} agents`,
        each((c, a) => sorter.unallocated(c, a)),
      );
      phase('remove', `Removed ${agents} agents and ${clients} clients`, () => {
        for (let i = 0; i < agents; i++) totals.subtract(totals.known.find(total).sums.all);
        for (const client of added) sorter.remove(client);
      });
    },
  };
}
