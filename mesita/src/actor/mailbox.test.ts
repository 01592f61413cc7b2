import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMailbox } from './mailbox.ts';

test('a mailbox is a queue', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (steps) => {
      const mailbox = createMailbox<number>();
      const queue: number[] = [];
      for (const step of steps) {
        if (step === undefined) expect(mailbox.take()).toBe(queue.shift());
        else {
          mailbox.put(step);
          queue.push(step);
        }
        expect(mailbox.size).toBe(queue.length);
      }
      mailbox.clear();
      expect([mailbox.size, mailbox.take()]).toEqual([0, undefined]);
    }),
  );
});
