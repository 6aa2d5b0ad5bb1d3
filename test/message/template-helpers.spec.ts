import ejs from 'ejs';
import Handlebars from 'handlebars';
import nunjucks from 'nunjucks';
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import pug from 'pug';
import {
  trackingHelpers,
  type MessageRecipient,
  type TrackingHelpers,
  type TrackingOptions,
} from 'nestjs-email-tracking';
import { serviceFor } from '../support/service.js';

const URL_WITH_QUERY = 'https://example.com/sale?a=1&b=2&copy=3&q="x"\'#top';

const context: MessageRecipient = {
  messageId: '<42@example.com>',
  recipient: 'ann@example.com',
  tags: ['newsletter'],
  metadata: { customer_id: 7 },
};

/** How an engine is used, in the words of its own documentation. */
interface Engine {
  name: string;
  render: (template: string, data: object, helpers: TrackingHelpers) => string;
  /** A mail with `url`: a link with a label, one without, one to adapt, and a pixel. */
  mail: string;
  /** One link of the variable `missing`, and of `count`, which is a number. */
  missing: string;
  number: string;
  labelled: { [how: string]: string };
  wrongLabel: string;
}

const env = new nunjucks.Environment(null, { autoescape: true });

const ENGINES: Engine[] = [
  {
    name: 'Handlebars, as helpers',
    render: (template, data, helpers) => Handlebars.compile(template)(data, { helpers }),
    mail:
      '<body><a href="{{trackedUrl url "cta"}}">{{name}}</a><a href=\'{{trackedUrl url}}\'>2</a>' +
      '<a href="https://example.com/plain">3</a>{{trackingPixel}}</body>',
    missing: '<a href="{{trackedUrl missing}}">x</a>',
    number: '<a href="{{trackedUrl count}}">x</a>',
    labelled: {
      named: '<a href="{{trackedUrl url label="cta"}}">x</a>',
      'in a block': '{{#each list}}<a href="{{trackedUrl this label="cta"}}">x</a>{{/each}}',
      unescaped: '<a href="{{{trackedUrl url "cta"}}}">x</a>',
      'from data': '<a href="{{trackedUrl url labels.cta}}">x</a>',
    },
    wrongLabel: '<a href="{{trackedUrl url count}}">x</a>',
  },
  {
    name: 'Handlebars, as data',
    render: (template, data, helpers) => Handlebars.compile(template)({ ...data, ...helpers }),
    mail:
      '<body><a href="{{trackedUrl url "cta"}}">{{name}}</a><a href=\'{{trackedUrl url}}\'>2</a>' +
      '<a href="https://example.com/plain">3</a>{{{trackingPixel}}}</body>',
    missing: '<a href="{{trackedUrl missing}}">x</a>',
    number: '<a href="{{trackedUrl count}}">x</a>',
    labelled: {
      named: '<a href="{{trackedUrl url label="cta"}}">x</a>',
      'in a block': '{{#each list}}<a href="{{@root.trackedUrl this "cta"}}">x</a>{{/each}}',
    },
    wrongLabel: '<a href="{{trackedUrl url label=count}}">x</a>',
  },
  {
    name: 'Pug',
    render: (template, data, helpers) => pug.render(template, { ...data, ...helpers }),
    mail: [
      'body',
      "  a(href=trackedUrl(url, 'cta'))= name",
      '  a(href=trackedUrl(url)) 2',
      "  a(href='https://example.com/plain') 3",
      '  != trackingPixel()',
    ].join('\n'),
    missing: 'a(href=trackedUrl(missing)) x',
    number: 'a(href=trackedUrl(count)) x',
    labelled: {
      'in a loop': "each link in list\n  a(href=trackedUrl(link, 'cta')) x",
      interpolated: '<a href="!{trackedUrl(url, \'cta\')}">x</a>',
      'interpolated and escaped': '<a href="#{trackedUrl(url, \'cta\')}">x</a>',
    },
    wrongLabel: 'a(href=trackedUrl(url, count)) x',
  },
  {
    name: 'EJS',
    render: (template, data, helpers) => ejs.render(template, { ...data, ...helpers }),
    mail:
      '<body><a href="<%= trackedUrl(url, \'cta\') %>"><%= name %></a>' +
      "<a href='<%= trackedUrl(url) %>'>2</a>" +
      '<a href="https://example.com/plain">3</a><%- trackingPixel() %></body>',
    missing: '<a href="<%= trackedUrl(locals.missing) %>">x</a>',
    number: '<a href="<%= trackedUrl(count) %>">x</a>',
    labelled: { unescaped: '<a href="<%- trackedUrl(url, "cta") %>">x</a>' },
    wrongLabel: '<a href="<%= trackedUrl(url, count) %>">x</a>',
  },
  {
    name: 'Nunjucks',
    render: (template, data, helpers) => env.renderString(template, { ...data, ...helpers }),
    mail:
      '<body><a href="{{ trackedUrl(url, "cta") }}">{{ name }}</a>' +
      "<a href='{{ trackedUrl(url) }}'>2</a>" +
      '<a href="https://example.com/plain">3</a>{{ trackingPixel() | safe }}</body>',
    missing: '<a href="{{ trackedUrl(missing) }}">x</a>',
    number: '<a href="{{ trackedUrl(count) }}">x</a>',
    labelled: {
      named: '<a href="{{ trackedUrl(url, label="cta") }}">x</a>',
      'in a loop': '{% for x in list %}<a href="{{ trackedUrl(x, "cta") }}">x</a>{% endfor %}',
      'marked safe': '<a href="{{ trackedUrl(url, "cta") | safe }}">x</a>',
    },
    wrongLabel: '<a href="{{ trackedUrl(url, label=count) }}">x</a>',
  },
];

const data = {
  url: URL_WITH_QUERY,
  list: [URL_WITH_QUERY],
  labels: { cta: 'cta' },
  name: 'Ann & <b>',
  count: 7,
};

type Attributes = Record<string, string>;

/** The attributes of all elements of a name, as a mail client reads them. */
function attributesOf(html: string, name: string): Attributes[] {
  const found: Attributes[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node && node.tagName === name) {
      found.push(Object.fromEntries(node.attrs.map((attr) => [attr.name, attr.value])));
    }
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parseFragment(html));
  return found;
}

describe.each(ENGINES)('$name', ({ render, mail, missing, number, labelled, wrongLabel }) => {
  describe.each<[string, TrackingOptions, string | null, string | null]>([
    ['packed links', {}, 'cta', 'html'],
    // Their tokens end in `=`, which Handlebars escapes. They have no room for label and part.
    ['fernet links', { format: 'fernet' }, null, null],
  ])('%s', (_, options, linkLabel, part) => {
    const tracking = serviceFor(options);
    const html = render(mail, data, trackingHelpers(tracking, context));

    test('a link leads to the URL and carries label and context', () => {
      const [first, second] = attributesOf(html, 'a')
        .slice(0, 2)
        .map(({ href }) => tracking.getClickTrackingResult(href!));
      expect(first).toMatchObject({
        ...context,
        metadata: expect.objectContaining({ customer_id: 7 }),
        trackedUrl: URL_WITH_QUERY,
        linkLabel,
        part,
        linkIndex: null,
      });
      expect(second).toMatchObject({ trackedUrl: URL_WITH_QUERY, linkLabel: null, part });
      expect(html).toContain('Ann &amp; &lt;b&gt;');
    });

    test('the pixel is an element, and its URL is an open of this mail', () => {
      const [image, ...others] = attributesOf(html, 'img');
      expect(others).toEqual([]);
      expect(image).toMatchObject({ width: '1', height: '1', alt: '' });
      expect(tracking.getOpenTrackingResult(image!.src!)).toMatchObject({
        ...context,
        metadata: expect.objectContaining({ customer_id: 7 }),
        isOpenTracking: true,
        part,
      });
    });

    test('adaptMessage tracks the other link only, and adds no second pixel', () => {
      const adapted = tracking.adaptMessage({ html, ...context });
      expect(adapted.report.links).toMatchObject([
        { tracked: false, reason: 'already-tracked' },
        { tracked: false, reason: 'already-tracked' },
        { tracked: true, url: 'https://example.com/plain' },
      ]);
      expect(adapted.report.pixel).toBe('none');
      const { trackingUrl } = adapted.report.links[2]!;
      expect(adapted.html!.replace(trackingUrl!, 'https://example.com/plain')).toBe(html);
    });
  });

  const tracking = serviceFor();
  const helpers = trackingHelpers(tracking, context);
  const labelOf = (html: string) =>
    tracking.getClickTrackingResult(attributesOf(html, 'a')[0]!.href!).linkLabel;

  test.each(Object.entries(labelled))('a label, %s', (_, template) => {
    expect(labelOf(render(template, data, helpers))).toBe('cta');
  });

  test.each([
    ['a variable that is missing', missing, /first argument .* it is undefined/],
    ['a number for a URL', number, /first argument .* it is a number/],
    ['a number for a label', wrongLabel, /the label must be a string, and it is a number/],
  ])('%s is an error that says so', (_, template, message) => {
    expect(() => render(template, data, helpers)).toThrow(message);
  });
});

describe('the pixel', () => {
  const tracking = serviceFor();
  const urls = {
    getOpenTrackingUrl: () => 'https://t.example.com/open/abc',
    getClickTrackingUrl: () => 'https://t.example.com/click/abc',
  };

  test('is the one that adaptMessage adds', () => {
    const placed = String(trackingHelpers(tracking).trackingPixel());
    const added = tracking.adaptHtml('');
    const withoutToken = (html: string) => html.replace(/\/open\/[\w-]+/, '/open/');
    expect(withoutToken(placed)).toBe(withoutToken(added));
  });

  test('is the same as HTML and as a string', () => {
    const pixel = trackingHelpers(urls).trackingPixel();
    expect(pixel.toHTML()).toBe(`${String(pixel)}`);
    expect(pixel.toHTML()).toContain('src="https://t.example.com/open/abc"');
  });

  test('is made anew for each call', () => {
    const { trackingPixel } = trackingHelpers(tracking);
    expect(String(trackingPixel())).not.toBe(String(trackingPixel()));
  });

  test('in Handlebars, works in a block, and before data of its name', () => {
    const html = Handlebars.compile('{{#each list}}{{trackingPixel}}{{/each}}')(
      { list: [{ trackingPixel: 'not this' }] },
      { helpers: trackingHelpers(urls) },
    );
    expect(html).toBe(String(trackingHelpers(urls).trackingPixel()));
  });
});

test('in Nunjucks, they can be globals', () => {
  const globals = new nunjucks.Environment(null, { autoescape: true });
  const helpers = trackingHelpers(serviceFor(), context);
  for (const [name, helper] of Object.entries(helpers)) globals.addGlobal(name, helper);
  const html = globals.renderString(
    '{% macro link(to) %}<a href="{{ trackedUrl(to) }}">x</a>{% endmacro %}' +
      '{{ link(url) }}{{ trackingPixel() | safe }}',
    data,
  );
  expect(attributesOf(html, 'a')[0]!.href).toMatch(/^https:\/\/t\.example\.com\/click\/[\w-]+$/);
  expect(attributesOf(html, 'img')).toHaveLength(1);
});

describe('the arguments', () => {
  const tracking = serviceFor();
  const { trackedUrl } = trackingHelpers(tracking);
  const call = trackedUrl as (...given: unknown[]) => string;
  const labelFrom = (...given: unknown[]) =>
    tracking.getClickTrackingResult(call('https://example.com/', ...given)).linkLabel;

  test.each([[[]], [[undefined]], [[null]], [['']], [[{ hash: {} }]], [[{ __keywords: true }]]])(
    'no label: %j',
    (given) => expect(labelFrom(...given)).toBeNull(),
  );

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [new URL('https://example.com/'), 'an object'],
    [{ hash: {} }, 'an object'],
    [new nunjucks.runtime.SafeString('https://example.com/'), 'an object'],
    [new Handlebars.SafeString('https://example.com/'), 'an object'],
  ])('no URL: %p', (given, kind) => {
    expect(() => call(given)).toThrow(
      expect.objectContaining({
        name: 'TrackingError',
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(`it is ${kind}`),
      }),
    );
  });

  test.each([
    [7, /the label must be a string, and it is a number/],
    [{ label: 'cta' }, /the label must be a string, and it is an object/],
    [{ hash: { label: 7 } }, /the label must be a string, and it is a number/],
    [{ hash: { lable: 'cta' } }, /there is no argument lable; known: label/],
    [{ lable: 'cta', __keywords: true }, /there is no argument lable; known: label/],
  ])('a wrong label: %j', (given, message) => {
    expect(() => labelFrom(given)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringMatching(message),
      }),
    );
  });

  test('a label beside the object of Handlebars', () => {
    expect(labelFrom('cta', { hash: {} })).toBe('cta');
  });

  test('a destination that cannot be tracked is refused as the service refuses it', () => {
    expect(() => trackedUrl('mailto:ann@example.com')).toThrow(
      expect.objectContaining({ code: 'UNSAFE_URL' }),
    );
  });

  test('a context with a wrong name or value is refused at once', () => {
    const wrong = { messageID: '<1@example.com>', tags: 'newsletter' } as object;
    expect(() => trackingHelpers(tracking, wrong)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringMatching(/messageID: .*tags: must be an array/),
      }),
    );
  });

  test('overrides hold for links and pixel', () => {
    const overrides = {
      baseClickTrackingUrl: 'https://tenant.example.com/c/',
      baseOpenTrackingUrl: 'https://tenant.example.com/o/',
      context: 'tenant',
    };
    const helpers = trackingHelpers(tracking, context, overrides);
    const url = helpers.trackedUrl('https://example.com/');
    expect(url).toMatch('https://tenant.example.com/c/');
    expect(String(helpers.trackingPixel())).toContain('https://tenant.example.com/o/');
    expect(tracking.getClickTrackingResult(url, null, overrides).messageId).toBe(context.messageId);
    expect(() => tracking.getClickTrackingResult(url)).toThrow(
      expect.objectContaining({ code: 'INVALID_TOKEN' }),
    );
  });
});
