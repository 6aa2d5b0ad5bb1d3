import { attribute, trackingWith } from './readable-links.js';

/** Tells by the report of a mail with this link whether it seems to hold a placeholder. */
function guessPlaceholder(url: string, placeholders?: RegExp[]): string {
  const tracking = trackingWith({ placeholders, redirect: { allowPrivateHosts: true } });
  const { links, warnings } = tracking.adaptMessage({
    html: `<a href="${attribute(url)}">x</a>`,
  }).report;
  const isSuspect = warnings.some(({ code }) => code === 'SUSPECT_PLACEHOLDER');
  if (links[0]!.reason === 'placeholder') return isSuspect ? 'likely' : 'yes';
  return isSuspect ? 'unlikely' : 'no';
}

describe('placeholders', () => {
  it.each([
    '{{x}}',
    '{{{x}}}',
    'https://e.com/{{ url ',
    '{% url x %}',
    '{%url%}',
    'https://e.com/{% if ',
    'https://e.com/{%',
    'https://e.com/[[',
    'https://e.com/[',
    'https://e.com/%%=',
    '<%= url %>',
    'https://e.com/<<name>>',
    '${url}',
    'https://e.com/${ user.id }',
    '*|URL|*',
    '%%url%%',
    '[[url]]',
    'https://e.com/[[data:name:"x"]]{{',
    '%recipient%',
    '%recipient.name%',
    'https://e.com/?id=%unsubscribe_url%',
    'https://e.com/?c=%CAMPAIGN_ID%',
    'https://e.com/?c=%CAMPAIGN_ID%&d=1',
    'https://e.com/%DEAL%/x',
    'https://e.com/{contactfield=email}',
    'https://e.com/?id={contact.id}',
    'https://e.com/?e={$email}',
    'https://e.com/{!Contact.Id}',
    'https://e.com/{!! $x !!}',
    'https://e.com/{!!',
    'https://e.com/?e=[subscriber:email]',
    'https://e.com/[% id %]',
    'https://e.com/[%id%]',
    'https://e.com/?e=###email###',
    'https://e.com/?e=#recipient:email#',
    'https://e.com/%(name)s',
    'https://e.com/%{name}',
  ])('is sure of %s', (url) => expect(guessPlaceholder(url)).toBe('yes'));

  it.each([
    'https://e.com/{id}',
    'https://e.com/?e={EMAIL_ADDRESS}',
    'https://e.com/?e={user:email}',
    'https://e.com/?e=[EMAIL]',
    '[EMAIL_LINK]',
    'https://e.com/__ORDER_ID__/x',
    'https://e.com/@@id@@',
    'https://e.com/?a=$EMAIL$',
    'https://e.com/((id))',
    'https://e.com/~~id~~',
    'https://e.com/##id##',
    'https://e.com/%7B%7Bid%7D%7D',
    'https://e.com/?e=*%7CEMAIL%7C*',
    'https://e.com/?e=%5B%5Bemail%5D%5D',
  ])('guesses that %s holds one', (url) => expect(guessPlaceholder(url)).toBe('likely'));

  it.each(['https://e.com/50%off%20', 'https://e.com/%name%20x'])(
    'guesses that %s holds none',
    (url) => expect(guessPlaceholder(url)).toBe('unlikely'),
  );

  it.each([
    'https://e.com/%C3%A9t%C3%A9',
    'https://e.com/%20a%20b%20',
    'https://e.com/%C3%A9%',
    'https://e.com/%u00e9',
    'https://e.com/%u00e9%u00e8',
    'https://e.com/?q={%22a%22:{%22b%22:1}}',
    'https://e.com/?q={"a":1}',
    'https://e.com/?id={8F4C1B2A-0001-4002-8003-ABCDEFABCDEF}',
    'https://e.com/?a[0]=1&b[]=2',
    'https://e.com/?a[name]=1&b[a:c]=2',
    'https://e.com/?a[%C3%A9]=1',
    'https://e.com/?m=[[1,2],[3,4]]',
    'https://[2001:db8::1]/',
    'https://[fe80:abcd::1]/x',
    'https://e.com/100%',
    'https://e.com/US${5}',
    'https://e.com/$x*y|z',
    'https://e.com/~user/#/@team',
    'https://e.com/a_(b)_c__d',
  ])('takes %s for a URL', (url) => expect(guessPlaceholder(url)).toBe('no'));

  it('knows the patterns that the user adds', () => {
    const further = [/:\w+:/];
    const guess = (url: string) => guessPlaceholder(url, further);
    expect(guess('https://e.com/:id:')).toBe('yes');
    expect(guess('https://e.com/id')).toBe('no');
  });

  it.each([
    ['%%', 'no'],
    ['%x', 'yes'],
    ['[[', 'yes'],
    ['{%', 'yes'],
    ['{%a', 'no'],
    ['{a:', 'no'],
    ['%%a', 'yes'],
    ['__A', 'likely'],
    ['${', 'yes'],
    ['((a', 'no'],
    ['#a:', 'no'],
    ['[a:', 'no'],
    ['[%', 'yes'],
    ['-[a', 'no'],
  ])('answers for a URL of 200 000 times %j', (part, answer) => {
    expect(guessPlaceholder(part.repeat(200_000))).toBe(answer);
  });
});
