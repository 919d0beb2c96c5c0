import { BODY_BOUNDS, type Body, overBounds, plainBody } from '@brygga/event';
import { clip } from './bytes.ts';
import { plainText } from './plain.ts';

/** Lines of plain text a body may hold: each is a text and a break. */
const LINES_MAX = BODY_BOUNDS.nodesMax / 4;

/** The body itself when it is within `BODY_BOUNDS`; else its text as plain paragraphs, cut to them. */
export function bounded(body: Body): Body {
  return overBounds(body) === null ? body : boundedPlainBody(plainText(body));
}

/** `plainBody` for text of any length: cut to `BODY_BOUNDS`. */
export function boundedPlainBody(text: string): Body {
  const body = plainBody(text);
  if (overBounds(body) === null) return body;
  const lines = clip(text, BODY_BOUNDS.textCharsMax / 2)
    .slice(0, BODY_BOUNDS.textCharsMax)
    .split('\n');
  const rest = lines.slice(LINES_MAX).join(' ');
  return plainBody([...lines.slice(0, LINES_MAX), ...(rest === '' ? [] : [rest])].join('\n'));
}
