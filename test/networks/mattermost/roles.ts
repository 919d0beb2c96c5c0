import type { Role } from './types.ts';

const CHANNEL_USER = [
  'read_channel',
  'read_channel_content',
  'add_reaction',
  'remove_reaction',
  'upload_file',
  'get_public_link',
  'create_post',
  'edit_post',
  'edit_file_attachment',
  'delete_post',
  'use_channel_mentions',
  'manage_public_channel_members',
  'manage_private_channel_members',
  'manage_public_channel_properties',
  'manage_private_channel_properties',
  'delete_public_channel',
  'delete_private_channel',
];
const TEAM_ADMIN = [
  'manage_team',
  'remove_user_from_team',
  'manage_team_roles',
  'manage_channel_roles',
  'manage_own_incoming_webhooks',
  'manage_others_incoming_webhooks',
  'bypass_incoming_webhook_channel_lock',
  'delete_post',
  'delete_others_posts',
];

/** The permissions a bridge may meet, as a fresh server gives them (public/model/role.go, MakeDefaultRoles). */
const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  channel_user: CHANNEL_USER,
  channel_admin: ['manage_channel_roles', 'use_group_mentions'],
  team_user: [
    'list_team_channels',
    'join_public_channels',
    'read_public_channel',
    'view_team',
    'create_public_channel',
    'create_private_channel',
    'invite_user',
    'add_user_to_team',
  ],
  team_admin: TEAM_ADMIN,
  system_user: [
    'list_public_teams',
    'join_public_teams',
    'create_direct_channel',
    'create_group_channel',
    'view_members',
    'create_team',
    'create_emojis',
    'delete_emojis',
  ],
  system_user_access_token: [
    'create_user_access_token',
    'read_user_access_token',
    'revoke_user_access_token',
  ],
};

/** What only the system administrator may: everything else, and these. */
const ADMIN = [
  'manage_system',
  'manage_roles',
  'edit_other_users',
  'edit_others_posts',
  'create_bot',
  'read_bots',
  'read_others_bots',
  'manage_bots',
  'manage_others_bots',
  'create_user_access_token',
  'read_user_access_token',
  'revoke_user_access_token',
  'list_users_without_team',
  'delete_others_emojis',
  'read_deleted_posts',
  'list_private_teams',
  'join_private_teams',
  'manage_secure_connections',
  'create_post_ephemeral',
  'create_post_public',
];

const role = (id: string, name: string, permissions: readonly string[], at: number): Role => ({
  id,
  name,
  display_name: `authentication.roles.${name}.name`,
  description: `authentication.roles.${name}.description`,
  create_at: at,
  update_at: at,
  delete_at: 0,
  permissions: [...permissions],
  scheme_managed: true,
  built_in: true,
  scheme_id: null,
});

export function defaultRoles(newId: () => string, now: number): Role[] {
  const all = [...new Set([...Object.values(PERMISSIONS).flat(), ...ADMIN])];
  return [
    ...Object.entries(PERMISSIONS).map(([name, permissions]) => role(newId(), name, permissions, now)),
    role(newId(), 'system_admin', all, now),
  ];
}
