import { UrlRedactor } from '../../lib/privacy/redact-url.js';

const redactor = new UrlRedactor();
const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';
const HEX = '9f86d081884c7d659a2feaa0c55ad015';
const ENCODED = encodeURIComponent;

/** A URL, and the same with its secrets masked. `*` stands for what takes their place. */
const SECRETS: [string, string][] = [
  // Magic links
  ['https://app.example.com/login?token=abc', 'https://app.example.com/login?token=*'],
  [`https://app.example.com/magic?t=${JWT}`, 'https://app.example.com/magic?t=*'],
  [`https://app.example.com/magic-link/${HEX}`, 'https://app.example.com/magic-link/*'],
  [
    `https://x.supabase.co/auth/v1/verify?token=${HEX}&type=magiclink&redirect_to=https://app.example.com`,
    'https://x.supabase.co/auth/v1/verify?token=*&type=magiclink&redirect_to=https://app.example.com',
  ],
  [
    `https://app.example.com/auth/confirm?token_hash=pkce_${HEX}&type=email`,
    'https://app.example.com/auth/confirm?token_hash=*&type=email',
  ],
  [
    'https://app.example.com/api/auth/callback/email?callbackUrl=%2F&token=0a1b2c&email=ann%40example.com',
    'https://app.example.com/api/auth/callback/email?callbackUrl=%2F&token=*&email=ann%40example.com',
  ],
  [
    `https://app.example.com/authenticate?stytch_token_type=magic_links&token=${HEX}`,
    'https://app.example.com/authenticate?stytch_token_type=magic_links&token=*',
  ],
  ['https://slack.example.com/z-app-9?otp=123456', 'https://slack.example.com/z-app-9?otp=*'],
  [
    `https://notes.example.com/login?loginOptions=%7B%7D&state=${HEX}&password=correct-horse`,
    'https://notes.example.com/login?loginOptions=%7B%7D&state=*&password=*',
  ],
  // Password resets and confirmations
  [
    'https://app.example.com/users/password/edit?reset_password_token=sKyCkZyx',
    'https://app.example.com/users/password/edit?reset_password_token=*',
  ],
  [
    'https://app.example.com/users/confirmation?confirmation_token=Xq7',
    'https://app.example.com/users/confirmation?confirmation_token=*',
  ],
  [
    'https://app.example.com/users/invitation/accept?invitation_token=Xq7',
    'https://app.example.com/users/invitation/accept?invitation_token=*',
  ],
  [
    'https://app.example.com/users/unlock?unlock_token=Xq7',
    'https://app.example.com/users/unlock?unlock_token=*',
  ],
  [
    `https://app.example.com/accounts/reset/MQ/c2k9f5-${HEX}/`,
    'https://app.example.com/accounts/reset/MQ/*/',
  ],
  [
    `https://app.example.com/reset-password/${HEX}${HEX}?email=ann%40example.com`,
    'https://app.example.com/reset-password/*?email=ann%40example.com',
  ],
  [
    `https://app.example.com/email/verify/17/${HEX}?expires=1790000000&signature=${HEX}`,
    'https://app.example.com/email/verify/17/*?expires=1790000000&signature=*',
  ],
  [
    `https://app.firebaseapp.com/__/auth/action?mode=resetPassword&oobCode=aB3dE5gH7jK9mN1pQ3sT5v&apiKey=AIzaSy&lang=en`,
    'https://app.firebaseapp.com/__/auth/action?mode=resetPassword&oobCode=*&apiKey=*&lang=en',
  ],
  [
    `https://app.example.com/Account/ResetPassword?userId=5&code=${ENCODED('CfDJ8NrAkS7kF3pZb+2Qx/9TnQ==')}`,
    'https://app.example.com/Account/ResetPassword?userId=5&code=*',
  ],
  [
    `https://blog.example.com/wp-login.php?action=rp&key=hJ2kL9mN4pQ7rS1tU5vW&login=ann`,
    'https://blog.example.com/wp-login.php?action=rp&key=*&login=ann',
  ],
  [
    `https://shop.example.com/account/reset/5678/${HEX}-1700000000`,
    'https://shop.example.com/account/reset/5678/*',
  ],
  [
    `https://shop.example.com/customer/account/createPassword/?token=${HEX}`,
    'https://shop.example.com/customer/account/createPassword/?token=*',
  ],
  [
    `https://id.example.com/login-actions/action-token?key=${JWT}&client_id=web`,
    'https://id.example.com/login-actions/action-token?key=*&client_id=web',
  ],
  [`https://app.example.com/verify-email/${HEX}`, 'https://app.example.com/verify-email/*'],
  [`https://app.example.com/activate/${HEX}`, 'https://app.example.com/activate/*'],
  [
    `https://app.example.com/u/confirm-email/7Rk2mQ9xT4wZ8bN3`,
    'https://app.example.com/u/confirm-email/*',
  ],
  [
    'https://forum.example.com/invites/accept?invite_code=7Rk2mQ9xT4wZ8bN3vL6c',
    'https://forum.example.com/invites/accept?invite_code=*',
  ],
  [`https://chat.example.com/invite/${HEX}`, 'https://chat.example.com/invite/*'],
  [
    `https://app.example.com/recover?session=${HEX}&pwd=hunter2`,
    'https://app.example.com/recover?session=*&pwd=*',
  ],
  ['https://app.example.com/otp?passwd=x', 'https://app.example.com/otp?passwd=*'],
  // OAuth and SSO
  [
    `https://app.example.com/cb?code=4/0AX4XfWh7Kq2mB9xT8zN3&state=xyz&scope=email`,
    'https://app.example.com/cb?code=*&state=xyz&scope=email',
  ],
  [
    'https://app.example.com/cb#access_token=ya29.x&token_type=bearer&expires_in=3600',
    'https://app.example.com/cb#access_token=*&token_type=bearer&expires_in=3600',
  ],
  [
    `https://app.example.com/cb#id_token=${JWT}&state=1`,
    'https://app.example.com/cb#id_token=*&state=1',
  ],
  [
    'https://app.example.com/token?grant_type=refresh&refresh_token=1//0g&client_secret=s',
    'https://app.example.com/token?grant_type=refresh&refresh_token=*&client_secret=*',
  ],
  [
    'https://app.example.com/o?oauth_token=x&oauth_verifier=y',
    'https://app.example.com/o?oauth_token=*&oauth_verifier=*',
  ],
  [
    'https://app.example.com/acs?SAMLResponse=PHNhbWw',
    'https://app.example.com/acs?SAMLResponse=*',
  ],
  [
    'https://app.example.com/cas?ticket=ST-1856339-aA5Yuvrxzpv8Tau1cYQ7',
    'https://app.example.com/cas?ticket=*',
  ],
  [
    `https://app.example.com/t?client_assertion=${JWT}&code_verifier=x`,
    'https://app.example.com/t?client_assertion=*&code_verifier=*',
  ],
  [`https://app.example.com/sso/${JWT}`, 'https://app.example.com/sso/*'],
  [`https://app.example.com/a/${JWT}/b`, 'https://app.example.com/a/*/b'],
  [`https://app.example.com/x?anything=${JWT}`, 'https://app.example.com/x?anything=*'],
  // Signed storage
  [
    `https://b.s3.amazonaws.com/f.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Signature=${HEX}`,
    'https://b.s3.amazonaws.com/f.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Signature=*',
  ],
  [
    'https://b.s3.amazonaws.com/f?X-Amz-Security-Token=IQoJb3&X-Amz-SignedHeaders=host',
    'https://b.s3.amazonaws.com/f?X-Amz-Security-Token=*&X-Amz-SignedHeaders=host',
  ],
  [
    'https://b.s3.amazonaws.com/f?AWSAccessKeyId=AKIA&Expires=1&Signature=a%2Bb%3D',
    'https://b.s3.amazonaws.com/f?AWSAccessKeyId=AKIA&Expires=1&Signature=*',
  ],
  [
    `https://a.blob.core.windows.net/c/f.pdf?sv=2024-11-04&sp=r&sig=${ENCODED('kP3mX9qT2wZ8bN5vL7cR4yU6')}`,
    'https://a.blob.core.windows.net/c/f.pdf?sv=2024-11-04&sp=r&sig=*',
  ],
  [
    `https://storage.googleapis.com/b/f?X-Goog-Expires=60&X-Goog-Signature=${HEX}`,
    'https://storage.googleapis.com/b/f?X-Goog-Expires=60&X-Goog-Signature=*',
  ],
  [
    `https://d1.cloudfront.net/f?Expires=1&Policy=${HEX}&Signature=x&Key-Pair-Id=APKA`,
    'https://d1.cloudfront.net/f?Expires=1&Policy=*&Signature=*&Key-Pair-Id=APKA',
  ],
  [
    `https://cdn.example.com/f.mp4?hash=${HEX}&e=1790000000`,
    'https://cdn.example.com/f.mp4?hash=*&e=1790000000',
  ],
  // Arrays, objects, cases, separators
  ['https://e.com/?user[token]=x&user[name]=ann', 'https://e.com/?user[token]=*&user[name]=ann'],
  ['https://e.com/?tokens[]=x&token[]=y', 'https://e.com/?tokens[]=x&token[]=*'],
  ['https://e.com/?user%5Bpassword%5D=x', 'https://e.com/?user%5Bpassword%5D=*'],
  ['https://e.com/?TOKEN=x&Access-Token=y', 'https://e.com/?TOKEN=*&Access-Token=*'],
  ['https://e.com/?accessToken=x;apiKey=y', 'https://e.com/?accessToken=*;apiKey=*'],
  ['https://e.com/?a=1&token=x&token=y&b=2', 'https://e.com/?a=1&token=*&token=*&b=2'],
  ['https://e.com/page;jsessionid=ABC?x=1', 'https://e.com/page;jsessionid=*?x=1'],
  ['https://ann:secret@e.com/', 'https://ann:*@e.com/'],
  ['https://ann:se:cr@et@e.com:8443/', 'https://ann:*@e.com:8443/'],
  ['https://ann@e.com:secret@e.com/@x', 'https://ann@e.com:*@e.com/@x'],
  ['https://e.com/#/reset?token=abc', 'https://e.com/#/reset?token=*'],
  [`https://e.com/#/verify/${HEX}`, 'https://e.com/#/verify/*'],
  ['/relative?password=x', '/relative?password=*'],
  [
    `https://e.com/out?url=${ENCODED('https://app.example.com/login?token=abc&x=1')}`,
    `https://e.com/out?url=${ENCODED('https://app.example.com/login?token=*&x=1')}`,
  ],
  [
    `https://e.com/login?next=${ENCODED('/reset?token=abc')}`,
    `https://e.com/login?next=${ENCODED('/reset?token=*')}`,
  ],
  ['https://e.com/?id=550e8400-e29b-41d4-a716-446655440000', 'https://e.com/?id=*'],
  [`https://e.com/?key=${HEX}`, 'https://e.com/?key=*'],
  ['https://e.com/?session=k3j9x2m4p8q1r7s5', 'https://e.com/?session=*'],
  ['https://e.com/?auth=Zm9vYmFyOmJhejEyMw==', 'https://e.com/?auth=*'],
];

/** URLs without secrets. */
const WHOLE: string[] = [
  'https://e.com/',
  'https://e.com',
  '',
  'mailto:ann@example.com?subject=Hello',
  'https://e.com/?code=DE',
  'https://e.com/?code=SPRING26',
  'https://e.com/?code=SUMMER2026DISCOUNT',
  'https://e.com/?code=SPRING-SALE-2026-EUROPE',
  'https://e.com/?coupon=BLACKFRIDAY2026EXTRA',
  'https://e.com/?code=WELCOME-BACK-10-PERCENT',
  'https://e.com/?key=blue',
  'https://e.com/?key=navy-blue-with-stripes',
  'https://e.com/?session=morning',
  'https://e.com/?session=keynote-opening-2026-day-1',
  'https://e.com/?ticket=early-bird-conference',
  'https://e.com/?invite=friends-and-family',
  'https://e.com/?magic=gathering-commander-decks',
  'https://e.com/?id=42',
  'https://e.com/?id=1234567890123456',
  'https://e.com/?id=iPhone15ProMax256GB',
  'https://e.com/?id=SKU-12345-BLK-XL-2026',
  'https://e.com/?id=TSHIRT-M-RED-0042-EU',
  'https://e.com/?id=how-to-train-your-dragon-book',
  'https://e.com/?id=ann.smith@example.com',
  'https://e.com/?state=north-rhine-westphalia',
  'https://e.com/?state=confirmed',
  'https://e.com/?policy=cancellation-and-refunds',
  'https://e.com/?hash=tag-of-the-day-november',
  'https://e.com/?sign=capricorn-and-aquarius',
  'https://e.com/?access=members-and-their-guests',
  'https://e.com/?login=ann.smith@example.com',
  'https://e.com/?pass=season-ticket-holders',
  'https://e.com/?license=creative-commons-by-sa',
  'https://e.com/?data=protection-information',
  'https://e.com/?confirm=yes',
  'https://e.com/?verify=true&reset=1',
  'https://e.com/?email=ann.smith@example.com',
  'https://e.com/?email=ann%2Bnews%40example.com',
  'https://e.com/?utm_source=newsletter&utm_medium=email&utm_campaign=spring-sale-2026',
  'https://e.com/?gclid=Cj0KCQiA2KitBhCIARIsAPPMEhJt5eYb7ZkQ',
  'https://e.com/?fbclid=IwAR0xY3vQ9kZ7mT2wP5bN8cL4',
  'https://e.com/?ref=a1b2c3d4e5f6g7h8i9j0',
  'https://e.com/?page=2&sort=price&q=token+ring',
  'https://e.com/?q=password+manager',
  'https://e.com/?passwords=how-to-choose',
  'https://e.com/?keyword=secret-garden',
  'https://e.com/?token=',
  'https://e.com/?token',
  'https://e.com/?tokenize=true&secretary=ann&passport=DE',
  'https://e.com/products/B08N5WRWNW',
  'https://e.com/products/9f86d081884c7d659a2feaa0c55ad015',
  'https://e.com/blog/2026/11/how-to-reset-your-password-in-three-steps',
  'https://e.com/help/reset/forgotten-password-explained',
  'https://e.com/login/with-your-company-account',
  'https://e.com/invite/bring-a-friend-and-save',
  'https://e.com/docs/token/how-do-tokens-work-here',
  'https://e.com/auth/what-is-two-factor-login',
  'https://e.com/#section-2',
  'https://e.com/#/products?color=navy-blue-with-stripes',
  'https://e.com/#:~:text=secret%20garden',
  'https://docs.google.com/document/d/1aB3dE5gH7jK9mN1pQ3sT5vW7yZ/edit',
  'https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=43s',
  'https://maps.example.com/?ll=52.520008,13.404954&z=12',
  `https://e.com/out?url=${ENCODED('https://shop.example.com/sale?code=DE&color=red')}`,
  'https://e.com/%zz?code=%zz',
  'https://e.com/?a=b;c=d',
];

describe('a URL with a secret', () => {
  it('is in a table of at least 60 shapes', () => {
    expect(SECRETS.length).toBeGreaterThanOrEqual(60);
    expect(WHOLE.length).toBeGreaterThanOrEqual(60);
  });

  it.each(SECRETS)('%s', (url, expected) => {
    const redacted = redactor.redact(url);
    expect(redacted).toBe(expected.replaceAll('*', 'REDACTED'));
    expect(redactor.redact(redacted)).toBe(redacted);
  });
});

describe('a URL that stays whole', () => {
  it.each(WHOLE)('%s', (url) => {
    expect(redactor.redact(url)).toBe(url);
    expect(redactor.hasSecret(url)).toBe(false);
  });
});

describe('the rules of an app', () => {
  it('mask further parameters, and keep others', () => {
    const own = new UrlRedactor({ params: ['customer-no'], keepParams: ['token'] });
    expect(own.redact('https://e.com/?customerNo=7&token=abc&password=x')).toBe(
      'https://e.com/?customerNo=REDACTED&token=abc&password=REDACTED',
    );
  });

  it('leave fragments and paths alone', () => {
    const own = new UrlRedactor({ fragment: false, path: false });
    const url = `https://e.com/${JWT}#token=x`;
    expect(own.redact(url)).toBe(url);
  });
});

it('finds nearly every random value, and no word', () => {
  const alphabets = ['0123456789abcdef', 'abcdefghijklmnopqrstuvwxyz0123456789'];
  alphabets.push(`${alphabets[1]!}ABCDEFGHIJKLMNOPQRSTUVWXYZ`);
  let seed = 1;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (const alphabet of alphabets) {
    let found = 0;
    for (let i = 0; i < 1000; i++) {
      const value = Array.from(
        { length: 22 },
        () => alphabet[Math.floor(next() * alphabet.length)],
      );
      if (redactor.hasSecret(`https://e.com/?key=${value.join('')}`)) found++;
    }
    expect([alphabet.length, found > 970 ? 'most' : found]).toEqual([alphabet.length, 'most']);
  }
});
