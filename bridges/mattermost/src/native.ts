import { z } from 'zod';

/**
 * What Mattermost hands over, as far as it is needed (`server/public/model`, read at 11.6). Anybody may have written
 * `props` and texts, so these are read through the small readers below. A field that is missing or of another type is as
 * good as empty: newer servers may leave things out.
 */
const id = z.string().regex(/^[a-z0-9]{26}$/);
const milliseconds = z.number().catch(0);
const word = z.string().catch('');
const Json = z.record(z.string(), z.unknown());
export type Json = Readonly<Record<string, unknown>>;

export const File = z.object({
  id,
  name: word,
  mime_type: word,
  size: z.number().int().min(0).nullable().catch(null),
});

export const Reaction = z.object({
  user_id: id,
  post_id: id,
  emoji_name: z.string().min(1).max(64),
  /** When it was set or taken back. `create_at` is 0 in the latter's event, and of the first time in lists. */
  update_at: milliseconds,
});
export type Reaction = z.infer<typeof Reaction>;

const Metadata = z.object({
  files: z.array(File).nullish().catch([]),
  reactions: z.array(Reaction).nullish().catch(null),
  priority: z.object({ priority: z.string().nullish() }).nullish().catch(null),
});

export const Post = z.object({
  id,
  create_at: milliseconds,
  update_at: milliseconds,
  edit_at: milliseconds,
  delete_at: milliseconds,
  user_id: z.string(),
  channel_id: id,
  root_id: word,
  original_id: word,
  message: word,
  type: word,
  props: Json.nullish()
    .catch({})
    .transform((props) => props ?? {}),
  file_ids: z.array(z.string()).nullish().catch([]),
  pending_post_id: word,
  has_reactions: z.boolean().catch(false),
  /** Of a root: how many answers it has. */
  reply_count: z.number().catch(0),
  remote_id: z.string().nullish().catch(null),
  metadata: Metadata.nullish().catch(null),
});
export type Post = z.infer<typeof Post>;

export const User = z.object({
  id,
  username: z.string(),
  nickname: word,
  first_name: word,
  last_name: word,
  is_bot: z.boolean().catch(false),
  delete_at: milliseconds,
  roles: word,
});
export type User = z.infer<typeof User>;

export const Channel = z.object({
  id,
  team_id: z.string(),
  type: word,
  name: word,
  display_name: word,
  header: word,
  delete_at: milliseconds,
});
export type Channel = z.infer<typeof Channel>;

/** An event of the websocket. Objects in `data` are JSON texts inside the JSON. */
export const SocketEvent = z.object({
  event: z.string(),
  data: Json.nullish().transform((data) => data ?? {}),
  broadcast: z
    .object({ channel_id: word })
    .nullish()
    .transform((broadcast) => broadcast ?? { channel_id: '' }),
  seq: z.number().int().min(0),
});
export type SocketEvent = z.infer<typeof SocketEvent>;

/** An answer of the websocket to an action of ours. */
export const SocketReply = z.object({
  status: z.string(),
  seq_reply: z.number().int(),
  error: z.object({ id: word }).nullish(),
});
export type SocketReply = z.infer<typeof SocketReply>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function field(value: unknown, name: string): unknown {
  return isJson(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' ? found : undefined;
}

export function listField(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}

/** What a JSON text within `data` holds, or null when it is not that. */
export function inside<T>(schema: z.ZodType<T>, data: Json, name: string): T | null {
  const read = schema.safeParse(jsonOf(textField(data, name)));
  return read.success ? read.data : null;
}

export function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
