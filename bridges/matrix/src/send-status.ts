import type { MessageStatus } from '@brygga/contract';
import type { EventOf } from '@brygga/event';
import type { Job } from './job.ts';
import { writeAs } from './job.ts';
import type { Result } from './put.ts';

/** Its states as clients know them; what is late is still on its way. */
const STATES: Readonly<Record<MessageStatus, object>> = {
  late: { status: 'PENDING', reason: 'm.foreign_network_error' },
  arrived: { status: 'SUCCESS' },
  failed: { status: 'FAIL_PERMANENT', reason: 'm.event_not_handled' },
};

/**
 * What became of the message that a notice answers, beside the notice: an event that some clients show as a sign at
 * the message itself and others leave out. Null when the delivery says nothing of the kind.
 * `com.beeper.message_send_status`, as the mautrix bridges send it: https://github.com/mautrix/go/blob/main/event/beeper.go
 */
export async function sendStatus(job: Job<EventOf<'message'>>): Promise<Result<string> | null> {
  const { status, replyTo } = job.delivery;
  if (status === undefined || replyTo === null) return null;
  const content = {
    'm.relates_to': { rel_type: 'm.reference', event_id: replyTo.id },
    network: job.parts.hub,
    ...STATES[status],
    ...(status === 'arrived' ? {} : { message: job.event.plain }),
  };
  return job.parts.put.event(writeAs(job, job.bot, 'status'), 'com.beeper.message_send_status', content);
}
