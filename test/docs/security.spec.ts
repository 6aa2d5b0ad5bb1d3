import { FernetCodec } from '../../lib/link/codecs/fernet.codec.js';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { HOW_TO_MAKE_A_KEY, KeyRing } from '../../lib/link/key-ring.js';
import { KEY } from '../support/app.js';
import { documents } from './documents.js';
import { tablesOf } from './markdown.js';

const guide = documents.get('docs/security.md')!;

test('a key is made as the error messages say', () => {
  const command = HOW_TO_MAKE_A_KEY.slice(HOW_TO_MAKE_A_KEY.indexOf('node -e'));
  expect(guide.text).toContain(command);
});

test('the formats have the lengths that the table says', () => {
  const url = 'https://www.example.com/spring-sale/garden-furniture?utm_source=newsletter&id=47';
  expect(url).toHaveLength(80);
  const metadata = {
    customer_id: 1234567,
    message_id: '3f2b8c1e-9d4a-4b6f-8e2d-5c7a1b9f0e63',
    campaign: 'spring-sale',
  };
  const ring = new KeyRing([KEY]);
  const lengths = [new PackedCodec(ring), new FernetCodec(ring), new PlainCodec()].map((codec) =>
    String(codec.encode({ url, metadata }, 'click').length),
  );
  const { rows } = tablesOf(guide, 'Link formats')[0]!;
  expect(rows.map((row) => row[4])).toEqual(lengths);
});
