import type { Body } from '@brygga/event';
import { features } from './features.ts';
import { mapLeaves } from './walk.ts';

/**
 * The body with mentions of everybody (kinds `room` and `channel`) as mere words: the label, without an `@`
 * that a network might take for a call.
 */
export function withoutMassMentions(body: Body): Body {
  if (!features(body).includes('mentionRoom')) return body;
  return mapLeaves(body, (leaf) =>
    leaf.type === 'mention' && leaf.target.kind !== 'person' ? [{ type: 'text', value: leaf.label }] : [leaf],
  );
}
