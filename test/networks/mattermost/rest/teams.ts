import { AppError, invalidParam, invalidUrlParam } from '../app-error.ts';
import {
  actor,
  bodyOf,
  created,
  done,
  type Handler,
  idParam,
  ok,
  pageOf,
  type Route,
  slice,
  userParam,
} from '../call.ts';
import { createDefaultChannels } from '../channels.ts';
import { joinTeam, leaveTeam } from '../membership.ts';
import { hasPermission, need, needSelf, needTeam } from '../permissions.ts';
import type { Team } from '../types.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/;

const create: Handler = async (call) => {
  const { world } = call;
  const body = bodyOf(call, 'team');
  const userId = actor(call);
  need(world.store, userId, 'create_team');
  const name = body.text('name').toLowerCase();
  if (!NAME.test(name)) throw new AppError('model.team.is_valid.characters.app_error', 400);
  if (body.text('display_name') === '') throw new AppError('model.team.is_valid.name.app_error', 400);
  if (world.store.teams.values().some((team) => team.name === name)) {
    throw new AppError('app.team.save.existing.app_error', 400);
  }
  const now = world.clock.now();
  const type = body.text('type') === 'I' ? 'I' : 'O';
  const team: Team = {
    id: world.newId(),
    create_at: now,
    update_at: now,
    delete_at: 0,
    display_name: body.text('display_name'),
    name,
    description: body.text('description'),
    email: world.store.user(userId).email,
    type,
    company_name: '',
    allowed_domains: '',
    invite_id: world.newId(),
    allow_open_invite: type === 'O',
    scheme_id: null,
    group_constrained: null,
    policy_id: null,
    cloud_limits_archived: false,
  };
  world.store.teams.set(team.id, team);
  createDefaultChannels(world, team);
  const user = world.store.user(userId);
  await joinTeam(world, team, user, user, true);
  return created(team);
};

const get: Handler = (call) => {
  const team = call.world.store.team(idParam(call, 'team_id'));
  if (!team.allow_open_invite) needTeam(call.world.store, actor(call), team.id, 'view_team');
  return ok(team);
};

const byName: Handler = (call) => {
  const team = call.world.store.teams.values().find(({ name }) => name === call.params.name);
  if (team === undefined) throw new AppError('app.team.get_by_name.missing.app_error', 404);
  return ok(team);
};

const list: Handler = (call) => {
  const { store } = call.world;
  const all = hasPermission(store, actor(call), 'list_private_teams');
  const teams = [...store.teams.values()].filter((team) => all || team.allow_open_invite);
  return ok(slice(teams, pageOf(call)));
};

const ofUser: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  needSelf(store, actor(call), id);
  return ok([...store.teams.values()].filter((team) => store.teamMember(team.id, id) !== undefined));
};

const membershipsOf: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  needSelf(store, actor(call), id);
  return ok([...store.teams.keys()].flatMap((teamId) => store.teamMember(teamId, id) ?? []));
};

const addMember: Handler = async (call) => {
  const { world } = call;
  const body = bodyOf(call, 'team_member');
  const teamId = idParam(call, 'team_id');
  if (body.text('team_id') !== teamId) throw invalidParam('team_id');
  const team = world.store.team(teamId);
  const user = world.store.users.get(body.text('user_id'));
  if (user === undefined) throw invalidParam('user_id');
  const isSelf = user.id === actor(call);
  if (isSelf)
    need(world.store, actor(call), team.allow_open_invite ? 'join_public_teams' : 'join_private_teams');
  else needTeam(world.store, actor(call), teamId, 'add_user_to_team');
  return created(await joinTeam(world, team, user, world.store.user(actor(call))));
};

const members: Handler = (call) => {
  const { store } = call.world;
  const teamId = idParam(call, 'team_id');
  needTeam(store, actor(call), teamId, 'view_team');
  const rows = [...(store.teamMembers.get(teamId)?.values() ?? [])].filter((row) => row.delete_at === 0);
  return ok(slice(rows, pageOf(call)));
};

const member: Handler = (call) => {
  const { store } = call.world;
  const teamId = idParam(call, 'team_id');
  needTeam(store, actor(call), teamId, 'view_team');
  const row = store.teamMember(teamId, userParam(call));
  if (row === undefined) throw new AppError('app.team.get_member.missing.app_error', 404);
  return ok(row);
};

const removeMember: Handler = async (call) => {
  const { world } = call;
  const team = world.store.team(idParam(call, 'team_id'));
  const id = userParam(call);
  if (id !== actor(call)) needTeam(world.store, actor(call), team.id, 'remove_user_from_team');
  await leaveTeam(world, team, world.store.user(id));
  return done();
};

const schemeRoles: Handler = (call) => {
  const { store } = call.world;
  const teamId = idParam(call, 'team_id');
  needTeam(store, actor(call), teamId, 'manage_team_roles');
  const row = store.teamMember(teamId, userParam(call));
  if (row === undefined) throw new AppError('app.team.get_member.missing.app_error', 404);
  row.scheme_admin = bodyOf(call, 'scheme_roles').flag('scheme_admin');
  row.roles = row.scheme_admin ? 'team_user team_admin' : 'team_user';
  return done();
};

const exists: Handler = (call) => {
  const name = call.params.name;
  if (name === undefined) throw invalidUrlParam('name');
  return ok({ exists: call.world.store.teams.values().some((team) => team.name === name) });
};

export const TEAMS: readonly Route[] = [
  ['POST', '/api/v4/teams', create],
  ['GET', '/api/v4/teams', list],
  ['GET', '/api/v4/teams/name/:name', byName],
  ['GET', '/api/v4/teams/name/:name/exists', exists],
  ['GET', '/api/v4/teams/:team_id', get],
  ['POST', '/api/v4/teams/:team_id/members', addMember],
  ['GET', '/api/v4/teams/:team_id/members', members],
  ['GET', '/api/v4/teams/:team_id/members/:user_id', member],
  ['PUT', '/api/v4/teams/:team_id/members/:user_id/schemeRoles', schemeRoles],
  ['DELETE', '/api/v4/teams/:team_id/members/:user_id', removeMember],
  ['GET', '/api/v4/users/:user_id/teams', ofUser],
  ['GET', '/api/v4/users/:user_id/teams/members', membershipsOf],
];
