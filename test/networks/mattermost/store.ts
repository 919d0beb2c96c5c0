import { AppError } from './app-error.ts';
import type {
  AccessToken,
  Bot,
  Channel,
  ChannelMember,
  Emoji,
  FileInfo,
  IncomingWebhook,
  Post,
  Reaction,
  Role,
  Session,
  Status,
  Team,
  TeamMember,
  UploadSession,
  User,
} from './types.ts';

export interface Pinged {
  readonly userIds: readonly string[];
  readonly channelWide: boolean;
}

/** What lies in the database: it outlives a restart. */
export class Store {
  readonly users = new Map<string, User>();
  readonly bots = new Map<string, Bot>();
  readonly pictures = new Map<string, Buffer>();
  readonly statuses = new Map<string, Status>();
  readonly sessions = new Map<string, Session>();
  readonly tokens = new Map<string, AccessToken>();
  readonly roles = new Map<string, Role>();
  readonly teams = new Map<string, Team>();
  readonly teamMembers = new Map<string, Map<string, TeamMember>>();
  readonly channels = new Map<string, Channel>();
  readonly members = new Map<string, Map<string, ChannelMember>>();
  readonly posts = new Map<string, Post>();
  readonly rows = new Map<string, Post[]>();
  readonly reactions = new Map<string, Reaction[]>();
  readonly files = new Map<string, { readonly info: FileInfo; readonly bytes: Buffer }>();
  readonly uploads = new Map<string, { readonly session: UploadSession; bytes: Buffer }>();
  readonly emoji = new Map<string, { readonly row: Emoji; readonly image: Buffer }>();
  readonly hooks = new Map<string, IncomingWebhook>();
  readonly pinged = new Map<string, Pinged>();

  userNamed(name: string): User | undefined {
    const wanted = name.toLowerCase();
    return this.users.values().find(({ username }) => username === wanted);
  }

  user(id: string): User {
    const user = this.users.get(id);
    if (user === undefined) throw new AppError('app.user.missing_account.const', 404);
    return user;
  }

  team(id: string): Team {
    const team = this.teams.get(id);
    if (team === undefined) throw new AppError('app.team.get.find.app_error', 404);
    return team;
  }

  channel(id: string): Channel {
    const channel = this.channels.get(id);
    if (channel === undefined) throw new AppError('app.channel.get.existing.app_error', 404);
    return channel;
  }

  channelNamed(teamId: string, name: string): Channel | undefined {
    return this.channels.values().find((one) => one.team_id === teamId && one.name === name.toLowerCase());
  }

  member(channelId: string, userId: string): ChannelMember | undefined {
    return this.members.get(channelId)?.get(userId);
  }

  membersOf(channelId: string): ChannelMember[] {
    return [...(this.members.get(channelId)?.values() ?? [])];
  }

  teamMember(teamId: string, userId: string): TeamMember | undefined {
    const member = this.teamMembers.get(teamId)?.get(userId);
    return member?.delete_at === 0 ? member : undefined;
  }

  /** A post that is there; deleted ones and rows of the edit history are not found (GetSinglePost). */
  post(id: string): Post {
    const post = this.posts.get(id);
    if (post === undefined || post.delete_at > 0) throw new AppError('app.post.get.app_error', 404);
    return post;
  }

  addPost(post: Post): void {
    this.posts.set(post.id, post);
    const rows = this.rows.get(post.channel_id);
    if (rows === undefined) this.rows.set(post.channel_id, [post]);
    else rows.push(post);
  }

  /** Every row of a channel: tombstones and edit history too. */
  rowsOf(channelId: string): readonly Post[] {
    return this.rows.get(channelId) ?? [];
  }

  replies(rootId: string, channelId: string): Post[] {
    return this.rowsOf(channelId).filter((one) => one.root_id === rootId && one.delete_at === 0);
  }
}
