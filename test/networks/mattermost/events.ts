/** Who an event goes to, as it stands in the envelope (public/model/websocket_message.go). */
export interface Broadcast {
  readonly omit_users: Readonly<Record<string, true>> | null;
  readonly user_id: string;
  readonly channel_id: string;
  readonly team_id: string;
  readonly connection_id: string;
  readonly omit_connection_id: string;
  readonly contains_sanitized_data?: boolean;
  readonly contains_sensitive_data?: boolean;
}

export interface ServerEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly broadcast: Broadcast;
  /** What only this receiver is shown, such as his own mention (web_broadcast_hook.go). */
  readonly dataFor?: (userId: string) => Readonly<Record<string, unknown>>;
}

export interface Audience {
  readonly userId?: string;
  readonly channelId?: string;
  readonly teamId?: string;
  readonly omit?: readonly string[];
  /** Events about a deletion go out twice: whole to administrators, sanitised to the others. */
  readonly sanitized?: boolean;
  readonly sensitive?: boolean;
}

export const audience = (to: Audience): Broadcast => ({
  omit_users: to.omit === undefined ? null : Object.fromEntries(to.omit.map((id) => [id, true])),
  user_id: to.userId ?? '',
  channel_id: to.channelId ?? '',
  team_id: to.teamId ?? '',
  connection_id: '',
  omit_connection_id: '',
  ...(to.sanitized === true ? { contains_sanitized_data: true } : {}),
  ...(to.sensitive === true ? { contains_sensitive_data: true } : {}),
});
