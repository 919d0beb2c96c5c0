import type { BridgeContext } from '@brygga/contract';
import type { People } from './people.ts';
import type { Rest } from './rest.ts';
import type { SentPosts } from './sent-posts.ts';
import type { MattermostSettings } from './settings.ts';
import type { Spacing } from './spacing.ts';

/** What all channels of one network share. */
export interface Session {
  readonly ctx: BridgeContext<MattermostSettings>;
  readonly rest: Rest;
  readonly people: People;
  readonly sent: SentPosts;
  readonly spacing: Spacing;
  /** User id of the bot. */
  readonly bot: string;
  /** Ids of users whose posts are not carried. */
  readonly ignored: ReadonlySet<string>;
  readonly postCharsMax: number;
  /** Whether what a webhook writes may stand in a thread: `root_id` counts from 11.8 on (changelog of 11.8). */
  readonly webhooksAnswer: boolean;
  /** ms since 1970 on the server's clock. */
  serverNow(): number;
}
