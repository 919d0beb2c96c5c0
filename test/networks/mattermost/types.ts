/** The server's own rows, in its own names (server/public/model), as far as a bridge meets them. */

export type Version = '11.6' | '11.7' | '11.8' | '11.10' | '12.0';
export type Props = Record<string, unknown>;

export interface Post {
  readonly id: string;
  create_at: number;
  update_at: number;
  edit_at: number;
  delete_at: number;
  is_pinned: boolean;
  readonly user_id: string;
  readonly channel_id: string;
  readonly root_id: string;
  /** Not empty: a row of the edit history, which lists with `since` show as if it were a deleted post. */
  original_id: string;
  message: string;
  readonly type: string;
  props: Props;
  hashtags: string;
  file_ids: string[];
  has_reactions?: boolean;
  readonly remote_id?: string;
  metadata?: Props;
}

export interface User {
  readonly id: string;
  readonly create_at: number;
  update_at: number;
  delete_at: number;
  username: string;
  email: string;
  nickname: string;
  first_name: string;
  last_name: string;
  position: string;
  roles: string;
  locale: string;
  props: Record<string, string>;
  notify_props: Record<string, string>;
  timezone: Record<string, string>;
  last_picture_update: number;
  readonly is_bot: boolean;
  bot_description: string;
  password: string;
}

export interface Bot {
  readonly user_id: string;
  username: string;
  display_name: string;
  description: string;
  readonly owner_id: string;
  readonly create_at: number;
  update_at: number;
  delete_at: number;
}

export interface Team {
  readonly id: string;
  readonly create_at: number;
  update_at: number;
  delete_at: number;
  display_name: string;
  readonly name: string;
  description: string;
  readonly email: string;
  readonly type: 'O' | 'I';
  readonly company_name: string;
  readonly allowed_domains: string;
  readonly invite_id: string;
  readonly allow_open_invite: boolean;
  readonly scheme_id: null;
  readonly group_constrained: null;
  readonly policy_id: null;
  readonly cloud_limits_archived: boolean;
}

export interface TeamMember {
  readonly team_id: string;
  readonly user_id: string;
  roles: string;
  delete_at: number;
  readonly scheme_guest: boolean;
  readonly scheme_user: boolean;
  scheme_admin: boolean;
  explicit_roles: string;
}

export interface Channel {
  readonly id: string;
  readonly create_at: number;
  update_at: number;
  delete_at: number;
  readonly team_id: string;
  type: 'O' | 'P' | 'D' | 'G';
  display_name: string;
  name: string;
  header: string;
  purpose: string;
  last_post_at: number;
  total_msg_count: number;
  extra_update_at: number;
  readonly creator_id: string;
  readonly scheme_id: null;
  readonly props: null;
  readonly group_constrained: null;
  readonly autotranslation: boolean;
  readonly shared: null;
  total_msg_count_root: number;
  readonly policy_id: null;
  last_root_post_at: number;
  readonly banner_info: null;
  readonly policy_enforced: boolean;
  readonly policy_is_active: boolean;
  readonly default_category_name: string;
}

export interface ChannelMember {
  readonly channel_id: string;
  readonly user_id: string;
  roles: string;
  last_viewed_at: number;
  msg_count: number;
  mention_count: number;
  mention_count_root: number;
  urgent_mention_count: number;
  msg_count_root: number;
  notify_props: Record<string, string>;
  last_update_at: number;
  readonly scheme_guest: boolean;
  readonly scheme_user: boolean;
  scheme_admin: boolean;
  explicit_roles: string;
  readonly autotranslation_disabled: boolean;
}

export interface Session {
  readonly id: string;
  readonly token: string;
  readonly create_at: number;
  readonly expires_at: number;
  readonly user_id: string;
  readonly kind: 'login' | 'token';
}

export interface AccessToken {
  readonly id: string;
  readonly token: string;
  readonly user_id: string;
  readonly description: string;
  is_active: boolean;
}

export interface Reaction {
  readonly user_id: string;
  readonly post_id: string;
  readonly emoji_name: string;
  readonly create_at: number;
  readonly update_at: number;
  readonly delete_at: number;
  readonly remote_id: string | null;
  readonly channel_id: string;
}

export interface FileInfo {
  readonly id: string;
  readonly user_id: string;
  post_id?: string;
  channel_id: string;
  readonly create_at: number;
  update_at: number;
  delete_at: number;
  readonly name: string;
  readonly extension: string;
  readonly size: number;
  readonly mime_type: string;
  readonly width?: number;
  readonly height?: number;
  readonly has_preview_image?: boolean;
  readonly mini_preview: null;
  readonly remote_id: string | null;
  readonly archived: boolean;
}

export interface UploadSession {
  readonly id: string;
  readonly type: 'attachment';
  readonly create_at: number;
  readonly user_id: string;
  readonly channel_id: string;
  readonly filename: string;
  readonly file_size: number;
  file_offset: number;
  readonly remote_id: string;
  readonly req_file_id: string;
}

export interface Emoji {
  readonly id: string;
  readonly create_at: number;
  readonly update_at: number;
  delete_at: number;
  readonly creator_id: string;
  readonly name: string;
}

export interface IncomingWebhook {
  readonly id: string;
  readonly create_at: number;
  update_at: number;
  delete_at: number;
  readonly user_id: string;
  channel_id: string;
  readonly team_id: string;
  display_name: string;
  description: string;
  username: string;
  icon_url: string;
  channel_locked: boolean;
}

export interface Status {
  readonly user_id: string;
  status: string;
  manual: boolean;
  last_activity_at: number;
  dnd_end_time: number;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly create_at: number;
  update_at: number;
  readonly delete_at: number;
  permissions: string[];
  readonly scheme_managed: boolean;
  readonly built_in: boolean;
  readonly scheme_id: null;
}
