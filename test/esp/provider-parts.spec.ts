import fc from 'fast-check';
import { jsonField } from '../../lib/esp/json-field.js';
import { takeMessageIdTag } from '../../lib/esp/message-id-tag.js';

describe('a message id among the tags', () => {
  test('is found wherever it stands, and the other tags stay', () => {
    const tag = fc.string().filter((text) => !text.startsWith('message_id:'));
    const id = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.array(tag), fc.array(tag), id, (before, behind, messageId) => {
        const tags = [...before, `message_id:${messageId}`, ...behind];
        expect(takeMessageIdTag(tags, 'theirs')).toEqual({
          messageId,
          tags: [...before, ...behind],
        });
      }),
    );
  });

  test('is theirs where none is ours, whatever the tags are', () => {
    fc.assert(
      fc.property(fc.anything(), (tags) => {
        expect(takeMessageIdTag(tags, 'theirs').messageId).toBe('theirs');
      }),
    );
    expect(takeMessageIdTag(['message_id:'], 'theirs').messageId).toBe('theirs');
    expect(takeMessageIdTag('message_id:ours', 'theirs')).toEqual({ messageId: 'ours', tags: [] });
  });
});

describe('JSON in a field', () => {
  test('is read back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(jsonField(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('keeps the digits of long ids', () => {
    expect(jsonField('{"id":12345678901234567890}')).toEqual({ id: '12345678901234567890' });
  });

  test('is nothing where it is none', () => {
    for (const value of [undefined, null, 7, {}, '', '{', 'plain', `${'['.repeat(100)}`]) {
      expect(jsonField(value)).toBeUndefined();
    }
    fc.assert(fc.property(fc.anything(), (value) => void jsonField(value)));
  });
});
