import { describe, expect, it } from 'vitest';
import { Said } from './said.ts';

describe('what people said', () => {
  it('is found in a log, line by line, also as JSON writes it', () => {
    const said = new Said();
    said.add('short\nthe second "line" of it');
    said.addContent({
      msgtype: 'm.text',
      body: 'first version',
      'm.new_content': { body: 'second version' },
    });
    expect(said.size).toBe(3);
    expect(said.isIn('{"msg":"the second \\"line\\" of it"}')).toBe(true);
    expect(said.isIn('{"msg":"second version"}')).toBe(true);
    expect(said.isIn('{"msg":"hub.started","kind":"m.text short"}')).toBe(false);
  });
});
