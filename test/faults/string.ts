import type { CallName, TincanActor, TincanChange, TincanSignal, TincanTrouble } from '@brygga/tincan';

/** One step of what is asked of a channel: a property of what came before, or that called. */
export type Step = { readonly get: PropertyKey } | { readonly call: readonly unknown[] };

/** What a hub process says over the string. Lines and calls have numbers, which it gives. */
export type Asked =
  | { readonly do: 'connect'; readonly line: number; readonly network: string; readonly password: string }
  | { readonly do: 'watch' | 'unwatch'; readonly line: number; readonly channel: string }
  | { readonly do: 'close'; readonly line: number }
  | {
      readonly do: 'call';
      readonly line: number;
      readonly call: number;
      readonly name: CallName;
      readonly channel: string;
      readonly steps: readonly Step[];
    }
  | { readonly do: 'introduce'; readonly network: string; readonly by: TincanActor }
  | { readonly do: 'signal'; readonly network: string; readonly signal: TincanSignal };

/** What the networks say. */
export type Said =
  | { readonly say: 'connected'; readonly line: number }
  | { readonly say: 'refused'; readonly line: number; readonly trouble: TincanTrouble }
  | { readonly say: 'answer'; readonly call: number; readonly answer: unknown }
  | {
      readonly say: 'failed';
      readonly call: number;
      readonly trouble: TincanTrouble;
      readonly afterMs: number | undefined;
    }
  | {
      readonly say: 'changed';
      readonly line: number;
      readonly channel: string;
      readonly change: TincanChange;
    }
  | { readonly say: 'signalled'; readonly line: number; readonly signal: TincanSignal }
  | { readonly say: 'broken'; readonly line: number };
