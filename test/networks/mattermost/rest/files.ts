import { AppError, invalidParam, invalidUrlParam, noPermission } from '../app-error.ts';
import {
  type Answer,
  actor,
  bodyOf,
  type Call,
  created,
  type Handler,
  idParam,
  ok,
  type Route,
} from '../call.ts';
import { storeFile } from '../files.ts';
import { isId } from '../ids.ts';
import { isMultipart, partsOf } from '../multipart.ts';
import { hasPermission, mayRead, needChannel } from '../permissions.ts';
import type { FileInfo, UploadSession } from '../types.ts';

const unreadable = (): AppError => new AppError('api.file.upload_file.read_request.app_error', 400);

function needAttachments(call: Call, status: number): void {
  if (!call.world.settings.EnableFileAttachments) {
    throw new AppError('api.file.attachments.disabled.app_error', status);
  }
}

function take(call: Call, channelId: string, name: string, bytes: Buffer): FileInfo {
  if (!isId(channelId)) throw invalidUrlParam('channel_id');
  needChannel(call.world.store, actor(call), channelId, 'upload_file');
  return storeFile(call.world, { userId: actor(call), channelId, name, bytes });
}

const uploaded = (infos: readonly FileInfo[], clientIds: readonly string[]): Answer =>
  created({ file_infos: infos, client_ids: clientIds });

/** Raw body, and all else in the address; `client_ids` is null when none was given. */
function simple(call: Call): Answer {
  const query = call.url.searchParams;
  const name = query.get('filename') ?? '';
  if (name === '') throw invalidUrlParam('filename');
  const info = take(call, query.get('channel_id') ?? '', name, call.raw);
  const clientId = query.get('client_id') ?? '';
  return created({ file_infos: [info], client_ids: clientId === '' ? null : [clientId] });
}

async function multipart(call: Call): Promise<Answer> {
  const parts = await partsOf(call);
  if (parts === undefined) throw unreadable();
  const fields = parts.filter(({ filename }) => filename === undefined);
  const strange = fields.find(({ name }) => name !== 'channel_id' && name !== 'client_ids');
  if (strange !== undefined) throw invalidParam(strange.name);
  const text = (wanted: string): string[] =>
    fields.filter(({ name }) => name === wanted).map(({ bytes }) => bytes.toString());
  const channelId = text('channel_id')[0] ?? call.url.searchParams.get('channel_id') ?? '';
  if (channelId === '') throw invalidParam('channel_id');
  const files = parts.filter(({ filename }) => filename !== undefined);
  const clientIds = text('client_ids');
  if (clientIds.length > 0 && clientIds.length !== files.length) {
    throw new AppError('api.file.upload_file.incorrect_number_of_client_ids.app_error', 400);
  }
  const infos = files.map(({ filename = '', bytes }) => take(call, channelId, filename, bytes));
  return uploaded(infos, clientIds);
}

const upload: Handler = (call) => {
  needAttachments(call, 403);
  if (call.raw.length === 0) throw unreadable();
  return isMultipart(call) ? multipart(call) : simple(call);
};

/** Not attached yet: only for who uploaded it. Of a deleted post: gone. */
function visible(call: Call): { readonly info: FileInfo; readonly bytes: Buffer } {
  const { store } = call.world;
  const file = store.files.get(idParam(call, 'file_id'));
  if (file === undefined || file.info.delete_at > 0) throw new AppError('app.file_info.get.app_error', 404);
  const channelId = store.posts.get(file.info.post_id ?? '')?.channel_id ?? '';
  const isOwn = file.info.user_id === actor(call);
  if (!isOwn && !mayRead(store, actor(call), channelId)) throw noPermission('read_channel_content');
  return file;
}

/** Only pictures are shown in place; everything else is offered for download. */
const get: Handler = (call) => {
  const { info, bytes } = visible(call);
  const isShown = /^image\/(?:png|jpeg|gif|webp|bmp|tiff)$/.test(info.mime_type);
  const name = encodeURIComponent(info.name);
  return {
    status: 200,
    body: bytes,
    headers: {
      'content-type': info.mime_type,
      'content-disposition': `${isShown ? 'inline' : 'attachment'};filename="${name}"; filename*=UTF-8''${name}`,
      'cache-control': 'private, no-cache',
    },
  };
};

const info: Handler = (call) => ok(visible(call).info);

const thumbnail: Handler = (call) => {
  visible(call);
  throw new AppError('api.file.get_file_thumbnail.no_thumbnail.app_error', 400);
};

const link: Handler = (call) => {
  if (!call.world.settings.EnablePublicLink) {
    throw new AppError('api.file.get_public_link.disabled.app_error', 403);
  }
  const file = visible(call).info;
  if ((file.post_id ?? '') === '') throw new AppError('api.file.get_public_link.no_post.app_error', 400);
  return ok({ link: `${call.world.url}/files/${file.id}/public?h=${file.id}` });
};

const openUpload: Handler = (call) => {
  needAttachments(call, 501);
  const { world } = call;
  const body = bodyOf(call, 'upload');
  const channelId = body.text('channel_id');
  needChannel(world.store, actor(call), channelId, 'upload_file');
  const size = body.number('file_size');
  if (size > world.settings.MaxFileSize)
    throw new AppError('api.upload.create.upload_too_large.app_error', 413);
  if (size <= 0) throw new AppError('model.upload_session.is_valid.file_size.app_error', 400);
  if (body.text('filename') === '')
    throw new AppError('model.upload_session.is_valid.filename.app_error', 400);
  const session: UploadSession = {
    id: world.newId(),
    type: 'attachment',
    create_at: world.clock.now(),
    user_id: actor(call),
    channel_id: channelId,
    filename: body.text('filename'),
    file_size: size,
    file_offset: 0,
    remote_id: '',
    req_file_id: '',
  };
  world.store.uploads.set(session.id, { session, bytes: Buffer.alloc(0) });
  return created(session);
};

function uploadOf(call: Call) {
  const found = call.world.store.uploads.get(idParam(call, 'upload_id'));
  if (found === undefined) throw new AppError('app.upload.get.app_error', 404);
  return found;
}

const getUpload: Handler = (call) => {
  const { session } = uploadOf(call);
  if (session.user_id !== actor(call) && !hasPermission(call.world.store, actor(call), 'manage_system')) {
    throw new AppError('api.upload.get_upload.forbidden.app_error', 403);
  }
  return ok(session);
};

/** 204 while bytes are missing; then the file, with 200 (api4/upload.go, uploadData). */
const continueUpload: Handler = async (call) => {
  const found = uploadOf(call);
  const { session } = found;
  if (session.user_id !== actor(call)) throw noPermission('upload_file');
  const bytes = isMultipart(call) ? (await partsOf(call))?.[0]?.bytes : call.raw;
  if (bytes === undefined) throw new AppError('api.upload.upload_data.multipart_error', 400);
  if (bytes.length > session.file_size - session.file_offset) {
    throw new AppError('api.upload.upload_data.invalid_content_length', 400);
  }
  found.bytes = Buffer.concat([found.bytes, bytes]);
  session.file_offset = found.bytes.length;
  if (session.file_offset < session.file_size) return { status: 204, body: undefined };
  call.world.store.uploads.delete(session.id);
  return ok(take(call, session.channel_id, session.filename, found.bytes));
};

export const FILES: readonly Route[] = [
  ['POST', '/api/v4/files', upload, 'files'],
  ['GET', '/api/v4/files/:file_id', get],
  ['GET', '/api/v4/files/:file_id/info', info],
  ['GET', '/api/v4/files/:file_id/thumbnail', thumbnail],
  ['GET', '/api/v4/files/:file_id/preview', thumbnail],
  ['GET', '/api/v4/files/:file_id/link', link],
  ['POST', '/api/v4/uploads', openUpload],
  ['GET', '/api/v4/uploads/:upload_id', getUpload],
  ['POST', '/api/v4/uploads/:upload_id', continueUpload, 'files'],
];
