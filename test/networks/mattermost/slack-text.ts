import type { Store } from './store.ts';
import type { Props } from './types.ts';

const LINK = /<([^\n<|>]+)\|([^|\n>]+)>/g;

/** `<url|label>` to Markdown (app/webhook.go, linkWithTextRegex). */
export const linksToMarkdown = (text: string): string => text.replaceAll(LINK, '[$2]($1)');

/** app/slack.go: announcements become mentions, ids become names. */
export function fromSlack(store: Store, text: string): string {
  const announced = text
    .replaceAll('<!channel>', '@channel')
    .replaceAll('<!here>', '@here')
    .replaceAll('<!all>', '@all');
  return announced.replaceAll(/<@([a-zA-Z0-9]+)>/g, (whole, id: string) => {
    const user = store.users.get(id);
    return user === undefined ? whole : `@${user.username}`;
  });
}

const expand = (store: Store, value: unknown): unknown =>
  typeof value === 'string' ? linksToMarkdown(fromSlack(store, value)) : value;

/** Pretext, text, title and the values of fields are expanded; values become text (StringifySlackFieldValue). */
export function attachmentsFromSlack(store: Store, attachments: readonly unknown[]): Props[] {
  return attachments.flatMap((attachment) => {
    if (typeof attachment !== 'object' || attachment === null) return [];
    const row = { ...attachment } as Props;
    for (const name of ['pretext', 'text', 'title']) if (name in row) row[name] = expand(store, row[name]);
    if (Array.isArray(row.fields)) row.fields = row.fields.map((field) => fieldFromSlack(store, field));
    return [row];
  });
}

const fieldFromSlack = (store: Store, field: unknown): unknown =>
  typeof field === 'object' && field !== null && 'value' in field
    ? { ...field, value: expand(store, String(field.value)) }
    : field;
