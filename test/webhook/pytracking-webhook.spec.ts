import {
  isTrackingError,
  type Metadata,
  type RequestData,
  type TrackingOptions,
  type TrackingResult,
  type TrackingService,
} from 'nestjs-email-tracking';
import { optionsFrom, type PyConfiguration, type PyResult } from '../support/pytracking.js';
import { serviceWith } from '../support/service.js';
import { readVectors } from '../support/vectors.js';
import { Receiver } from './receiver.js';
import { resultWith } from './result.js';

interface Flow {
  kind: 'open' | 'click';
  url: string | null;
  metadata: Metadata;
  encode_configuration: PyConfiguration;
  decode_configuration: PyConfiguration;
  request_data: PyResult['request_data'];
}

interface Input {
  tracking_result?: PyResult;
  flow?: Flow;
  configuration: { webhook_timeout_seconds?: number };
}

interface Output {
  tracking_url?: string;
  tracking_result?: PyResult;
  returned?: { status_code: number };
  raised?: { type: string };
  requests: { method: string; path: string; headers: [string, string][]; body: string }[];
}

/** Every header that differs from those of python-requests, and why. */
const HEADER_DEVIATIONS: Record<string, string> = {
  // The project's own name, so that the receiver can tell who calls.
  'user-agent': expect.stringMatching(/^nestjs-email-tracking\/\d/),
  // The answer's body is text for a log: nothing is unpacked.
  'accept-encoding': 'identity',
};

/** The port of the server that the vectors were recorded with. */
const RECORDED_PORT = '38471';

/** Whether the library under test trusts the URL (`configured`) or checks it (`embedded`). */
const WAYS = ['configured', 'embedded'] as const;

const cases = readVectors<Input, Output>('pytracking/webhook.json');

describe('pytracking’s webhook.json', () => {
  let receiver: Receiver;
  beforeAll(async () => (receiver = await Receiver.start()));
  afterAll(() => receiver.close());
  beforeEach(() =>
    receiver.reset((request, response) => {
      const path = request.url!;
      const [, redirect] = /^\/redirect-(\d+)/.exec(path) ?? [];
      const [, status] = /^\/status-(\d+)/.exec(path) ?? [];
      if (redirect) response.writeHead(Number(redirect), { location: '/target' }).end();
      else if (status) response.writeHead(Number(status)).end();
      else if (path === '/slow') setTimeout(() => response.end(), 700);
      else response.end();
    }),
  );

  const here = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll(RECORDED_PORT, String(receiver.port))) as T;

  const noDns: Parameters<typeof serviceWith>[2] = (_host, _options, callback) =>
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), []);

  const service = (options: TrackingOptions) => serviceWith(options, undefined, noDns);

  async function send(
    tracking: TrackingService,
    result: TrackingResult,
    { returned, raised }: Output,
  ): Promise<void> {
    const sent = await tracking.sendWebhook(result).catch((error: unknown) => {
      if (isTrackingError(error)) return error;
      throw error;
    });
    if (raised) expect(sent).toMatchObject({ code: 'WEBHOOK_FAILED' });
    else expect(sent).toMatchObject({ status: returned!.status_code });
  }

  function expectRequests(requests: Output['requests']): void {
    expect(receiver.received.map(({ method, path, body }) => ({ method, path, body }))).toEqual(
      requests.map(({ method, path, body }) => ({ method, path, body })),
    );
    receiver.received.forEach(({ headers }, i) => {
      const theirs = requests[i]!.headers.map(([name, value]): [string, string] => {
        const lower = name.toLowerCase();
        return [lower, HEADER_DEVIATIONS[lower] ?? here(value)];
      });
      expect(headers).toEqual(Object.fromEntries(theirs));
    });
  }

  const made = cases.filter(({ input }) => input.tracking_result);
  test.each(made.flatMap((case_) => WAYS.map((way) => ({ ...case_, way }))))(
    '$name, $way',
    async ({ input, output, way }) => {
      const recorded = input.tracking_result!;
      const url = here(recorded.webhook_url);
      const canBeConfigured = /^https?:/i.test(url ?? '');
      if (way === 'configured' && !canBeConfigured) return;
      const tracking = service({
        format: 'plain',
        ...(way === 'configured'
          ? { webhookUrl: url! }
          : {
              webhookAllowHosts: ['127.0.0.1', 'no-such-host.invalid'],
              webhookAllowPrivateHosts: true,
            }),
        ...(input.configuration.webhook_timeout_seconds && {
          webhookTimeoutSeconds: input.configuration.webhook_timeout_seconds,
        }),
      });
      const metadata = JSON.parse(JSON.stringify(recorded.metadata), (_, value: unknown) =>
        value === '$NAN' ? NaN : value,
      ) as Metadata;
      const result = resultWith({
        isOpenTracking: recorded.is_open_tracking,
        isClickTracking: recorded.is_click_tracking,
        trackedUrl: recorded.tracked_url,
        webhookUrl: url,
        metadata,
        requestData: toRequestData(recorded.request_data),
        timestamp: recorded.timestamp,
      });
      await send(tracking, result, output);
      expectRequests(output.requests);
    },
  );

  const flows = cases.filter(({ input }) => input.flow);
  test.each(flows)('$name', async ({ input, output }) => {
    const flow = input.flow!;
    const expected = here(output.tracking_result!);
    const write = (configuration: PyConfiguration) => {
      const tracking = service(optionsFrom(configuration));
      return flow.kind === 'open'
        ? tracking.getOpenTrackingUrl(flow.metadata)
        : tracking.getClickTrackingUrl(flow.url!, flow.metadata);
    };
    if (!flow.encode_configuration.encryption_bytestring_key) {
      expect(write(flow.encode_configuration)).toBe(output.tracking_url);
    }
    const url = write(here(flow.encode_configuration));
    const tracking = serviceWith(
      {
        ...optionsFrom(here(flow.decode_configuration)),
        webhookAllowHosts: ['127.0.0.1'],
        webhookAllowPrivateHosts: true,
      },
      () => expected.timestamp * 1000,
    );
    const requestData = toRequestData(flow.request_data);
    const result =
      flow.kind === 'open'
        ? tracking.getOpenTrackingResult(url, requestData)
        : tracking.getClickTrackingResult(url, requestData);
    expect(result).toMatchObject({
      trackedUrl: expected.tracked_url,
      webhookUrl: expected.webhook_url,
      metadata: expected.metadata,
      timestamp: expected.timestamp,
    });
    await send(tracking, result, output);
    expectRequests(output.requests);
  });
});

function toRequestData(data: PyResult['request_data']): RequestData | null {
  // What ours keeps besides must not show up in the body.
  return (
    data && {
      userAgent: data.user_agent,
      userIp: data.user_ip,
      method: 'GET',
      headers: { dnt: '1' },
    }
  );
}
