import { describe, expect, it } from 'vitest';
import { beforehand, type Failure, outcomeOf } from '../src/errors.ts';

const refusal = (status: number, id = '', afterMs: number | null = null): Failure => ({
  kind: 'refusal',
  status,
  id,
  afterMs,
});
const said = (failure: Failure): string => {
  const outcome = outcomeOf(failure);
  const scope = outcome.kind === 'later' ? ` ${outcome.scope} ${outcome.afterMs ?? ''}` : '';
  return `${outcome.kind} ${outcome.code}${scope}`.trim();
};

describe('what the server said', () => {
  it.each([
    [400, 'model.post.is_valid.message_length.app_error', 'refused TOO_LARGE'],
    [400, 'api.context.invalid_param.app_error', 'refused NOT_ACCEPTABLE'],
    [400, 'api.post.create_post.root_id.app_error', 'refused TARGET_UNKNOWN'],
    [400, 'api.post.create_post.can_not_post_to_deleted.error', 'refused CHANNEL_GONE'],
    [400, 'app.reaction.save.save.too_many_reactions', 'refused NOT_ACCEPTABLE'],
    [401, 'api.context.session_expired.app_error', 'later CREDENTIALS_REFUSED network'],
    [403, 'api.context.permissions.app_error', 'refused FORBIDDEN'],
    [403, 'api.reaction.save.archived_channel.app_error', 'refused CHANNEL_GONE'],
    [404, 'app.post.get.app_error', 'refused TARGET_UNKNOWN'],
    [409, '', 'later NETWORK_ERROR lane'],
    [413, '', 'refused TOO_LARGE'],
    [500, 'api.post.deduplicate_create_post.pending', 'unsure NO_ANSWER'],
    [500, 'api.context.server_error.app_error', 'unsure NO_ANSWER'],
    [501, 'api.incoming_webhook.disabled.app_error', 'refused FEATURE_REFUSED'],
    [502, '', 'unsure NO_ANSWER'],
    [503, '', 'unsure NO_ANSWER'],
    [504, '', 'unsure NO_ANSWER'],
    [418, '', 'refused NOT_ACCEPTABLE'],
  ])('%i %s is %s', (status, id, outcome) => {
    expect(said(refusal(status, id))).toBe(outcome);
  });

  it('is obeyed when it asks for a pause, by the whole network', () => {
    expect(said(refusal(429, '', 3000))).toBe('later NETWORK_BUSY network 3000');
  });

  it('is in doubt only when it may have come through', () => {
    expect(said({ kind: 'trouble', reason: 'lost', sent: true })).toBe('unsure CONNECTION_LOST');
    expect(said({ kind: 'trouble', reason: 'timeout', sent: true })).toBe('unsure NO_ANSWER');
    expect(said({ kind: 'trouble', reason: 'refused', sent: false })).toBe('later NETWORK_DOWN network');
    expect(said({ kind: 'trouble', reason: 'aborted', sent: false })).toBe('later NETWORK_DOWN network');
  });

  it('about a question is never in doubt', () => {
    expect(beforehand(refusal(500))).toMatchObject({ kind: 'later', code: 'NETWORK_DOWN' });
    expect(beforehand(refusal(403))).toMatchObject({ kind: 'refused', code: 'FORBIDDEN' });
  });
});
