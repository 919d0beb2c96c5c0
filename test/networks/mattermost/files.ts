import { AppError } from './app-error.ts';
import { sizeOf } from './images.ts';
import type { FileInfo } from './types.ts';
import type { World } from './world.ts';

/** FileSettings.MaxImageResolution: 7680 x 4320 */
const MOST_PIXELS = 7680 * 4320;

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json',
  html: 'text/html; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  zip: 'application/zip',
  mp4: 'video/mp4',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/x-wav',
};

export interface NewFile {
  readonly userId: string;
  readonly channelId: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** app/file.go, UploadFileX. The kind is told by the name, the size of a picture by its bytes. */
export function storeFile(world: World, { userId, channelId, name, bytes }: NewFile): FileInfo {
  if (bytes.length > world.settings.MaxFileSize) {
    throw new AppError('api.file.upload_file.too_large_detailed.app_error', 413);
  }
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const mime = TYPES[extension] ?? 'application/octet-stream';
  const size = mime.startsWith('image/') ? sizeOf(bytes) : undefined;
  if (size !== undefined && size.width * size.height > MOST_PIXELS) {
    throw new AppError('api.file.upload_file.large_image_detailed.app_error', 400);
  }
  const now = world.clock.now();
  const info: FileInfo = {
    id: world.newId(),
    user_id: userId,
    channel_id: channelId,
    create_at: now,
    update_at: now,
    delete_at: 0,
    name,
    extension,
    size: bytes.length,
    mime_type: mime,
    ...(size === undefined ? {} : { ...size, has_preview_image: true }),
    mini_preview: null,
    remote_id: '',
    archived: false,
  };
  world.store.files.set(info.id, { info, bytes });
  return info;
}
