/** The error every API call answers with. Its `id` is what a client may rely on: the message is translated. */
export class AppError extends Error {
  readonly id: string;
  readonly statusCode: number;
  readonly detail: string;

  constructor(id: string, statusCode: number, detail = '') {
    super(id);
    this.id = id;
    this.statusCode = statusCode;
    this.detail = detail;
  }
}

// web/context.go: parameters in the body and in the address have errors of their own.
export const invalidParam = (name: string, detail = ''): AppError =>
  new AppError('api.context.invalid_body_param.app_error', 400, detail === '' ? name : detail);
export const invalidUrlParam = (name: string): AppError =>
  new AppError('api.context.invalid_url_param.app_error', 400, name);
export const noPermission = (permission: string): AppError =>
  new AppError('api.context.permissions.app_error', 403, permission);
export const sessionExpired = (): AppError => new AppError('api.context.session_expired.app_error', 401);
export const notFound = (): AppError => new AppError('api.context.404.app_error', 404);

/** As it goes over the wire. Outside developer mode the server wipes the detail (web/handlers.go). */
export const errorBody = (error: AppError, requestId: string): object => ({
  id: error.id,
  message: `${error.id} (${error.statusCode})`,
  detailed_error: '',
  request_id: requestId,
  status_code: error.statusCode,
});
