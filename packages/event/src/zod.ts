import { z } from 'zod';

/*
 * By default zod notes every node of a recursive schema in weak maps, so that an object that contains itself can be
 * read: https://github.com/colinhacks/zod (`memoizer`). No tree of ours does, and the notes cost more than the reading.
 * One that does exhausts the stack, which `accept` takes for a tree too deep.
 */
z.config({
  memoizer: { alloc: (_schema, _payload, empty) => empty, guard: () => undefined, attach: () => undefined },
});

export { z };
