import { createHmac } from 'node:crypto';
import {
  Body,
  Controller,
  type INestApplication,
  Module,
  Post,
  RequestMethod,
  VersioningType,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { NEST_MAJOR, PLATFORMS, TestApp } from '../support/app.js';
import { basic, makeBasic } from './provider-kit.js';

/** Another route of the app, with a path that ends as one of a provider does. */
@Controller('own/anymail/postmark/tracking')
class OwnController {
  @Post()
  echo(@Body() body: object) {
    return body;
  }
}

const KEY = 'key';
const PROVIDERS = {
  amazonSes: { basicAuth: 'user:first', verifySignature: false },
  mailgun: { signingKey: KEY },
  postmark: { basicAuth: 'user:first' },
};
const OPEN = { RecordType: 'Open', Recipient: 'reader@example.com' };

/** A form, JSON that says it is text, and a body larger than the parsers of the frameworks take. */
async function postAll(app: TestApp, below: string): Promise<number[]> {
  const statuses: number[] = [];
  const send = async (provider: string, body: string, headers: Record<string, string>) => {
    const path = `${below}/${provider}/tracking`;
    for (const end of ['', '/']) {
      const { status } = await app.get(path + end, { method: 'POST', body, headers });
      statuses.push(status);
    }
  };
  const timestamp = String(Math.floor(Date.now() / 1000));
  const token = `${below}-token`;
  const signature = createHmac('sha256', KEY)
    .update(timestamp + token)
    .digest('hex');
  const form = { timestamp, token, signature, event: 'opened', recipient: 'reader@example.com' };
  await send('mailgun', new URLSearchParams(form).toString(), {
    'Content-Type': 'application/x-www-form-urlencoded',
  });
  const sns = { Type: 'Notification', MessageId: below, Timestamp: '2026-11-20T10:00:00Z' };
  const mail = { messageId: 'm', destination: ['reader@example.com'] };
  const event = { eventType: 'Open', mail, open: { timestamp: '2026-11-20T10:00:00Z' } };
  await send('amazon_ses', JSON.stringify({ ...sns, Message: JSON.stringify(event) }), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': below,
    ...basic('user:first'),
  });
  const large = makeBasic({ ...OPEN, ID: below, Tag: 'x'.repeat(3e6) }, 'first');
  await send('postmark', large.body as string, large.headers);
  return statuses;
}

interface Situation {
  title: string;
  /** Where the app puts the module. */
  mount?: string;
  before?: (app: INestApplication) => void;
  below: string;
  /** The served and the promised path of the warning. */
  warning?: [served: string, promised: string];
}

const SES = '/anymail/amazon_ses/tracking';
const SITUATIONS: Situation[] = [
  {
    title: 'a prefix of RouterModule and a global prefix',
    mount: 'campaigns',
    before: (app) => void app.setGlobalPrefix('api'),
    below: '/api/campaigns/anymail',
    warning: [`/api/campaigns${SES}`, `/api${SES}`],
  },
  {
    title: 'a prefix of RouterModule with a parameter',
    mount: ':tenant',
    below: '/acme/anymail',
    warning: [`/:tenant${SES}`, SES],
  },
  {
    title: 'an exclude that names a method, which Nest does not apply to a route for all methods',
    before: (app) =>
      void app.setGlobalPrefix('api', {
        exclude: ['amazon_ses', 'mailgun', 'postmark'].map((provider) => ({
          path: `anymail/${provider}/tracking`,
          method: RequestMethod.POST,
        })),
      }),
    below: '/api/anymail',
    warning: [`/api${SES}`, SES],
  },
  {
    title: 'an exclude that names the paths, and versions in URLs',
    before(app) {
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      const exclude = ['amazon_ses', 'mailgun', 'postmark'].map(
        (name) => `anymail/${name}/tracking`,
      );
      app.setGlobalPrefix('api', { exclude });
    },
    below: '/anymail',
  },
  {
    title: 'a global prefix and versions in URLs',
    before(app) {
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      app.setGlobalPrefix('api');
    },
    below: '/api/anymail',
  },
];

const CASES = PLATFORMS.flatMap((platform) => SITUATIONS.map((one) => ({ platform, ...one })));

// Nest 11 wraps the handlers of such paths on Fastify, and hands on nothing that marks them.
const isLost = ({ platform, mount }: (typeof CASES)[number]) =>
  NEST_MAJOR === 11 && platform === 'fastify' && mount === ':tenant';

describe.each(CASES.filter((one) => !isLost(one)))(
  'providers on $platform with $title',
  ({ platform, mount, before, below, warning }) => {
    let app: TestApp;
    beforeAll(async () => {
      @Module({ imports: [EspTrackingModule.forRoot({ providers: PROVIDERS })] })
      class Mail {}
      const mounted = mount === undefined ? [] : [RouterModule.register(mountOf(mount, Mail))];
      app = await TestApp.start(platform, {
        trackingModule: Mail,
        metadata: { imports: mounted, controllers: [OwnController] },
        before,
      });
    });
    afterAll(() => app.close());

    test('get their forms, their JSON as text and their 3 MB read', async () => {
      expect(await postAll(app, below)).toEqual([200, 200, 200, 200, 200, 200]);
      const types = app.recorder.events.map(({ espName }) => espName);
      expect(types).toEqual(['Mailgun', 'Amazon SES', 'Postmark']);
    });

    test('leave the body of a route with a similar path to the app', async () => {
      const paths = ['', '/api', '/v1', '/api/v1'].map(
        (prefix) => `${prefix}/own/anymail/postmark/tracking`,
      );
      const answers = await Promise.all(
        paths.map((path) => app.get(path, { method: 'POST', ...makeBasic({ a: 1 }, 'first') })),
      );
      const taken = answers.filter(({ status }) => status === 201);
      expect(taken.map(({ body }) => body.toString())).toEqual(['{"a":1}']);
    });

    test(warning ? 'warn of the path that is not served' : 'warn of nothing', () => {
      expect(app.logs.warnings).toEqual(
        warning ? [expect.stringContaining(`answers at ${warning[0]}, not at ${warning[1]},`)] : [],
      );
    });
  },
);

function mountOf(path: string, module: new () => object) {
  // RouterModule mounts the module itself, so what it imports is named as its children.
  return [{ path, children: [module, ...importsOf(module)] }];
}

function importsOf(module: object): (new () => object)[] {
  const imports = Reflect.getMetadata('imports', module) as { module: new () => object }[];
  return imports.map((one) => one.module);
}
