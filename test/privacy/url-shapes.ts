/**
 * Shapes of URLs as products put them into mails, by the product. A secret is between `«` and `»`: the
 * values are made up, in the alphabet and length that the product uses.
 */
export type UrlShapes = readonly (readonly [product: string, url: string])[];

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';

/** URLs that let whoever has them do something. */
export const SECRET_SHAPES: UrlShapes = [
  // Passwords
  ['Devise', 'https://a.io/users/password/edit?reset_password_token=«sKyCkZyxQ4fT9hWmB2vN»'],
  ['Django', 'https://a.io/accounts/reset/MQ/«c2k9f5-3b1f0a77d2c94e6fb8a1c05d9e7f4a21»/'],
  [
    'Laravel',
    'https://a.io/reset-password/«9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08»?email=ann%40a.io',
  ],
  [
    'Rails 8',
    `https://a.io/passwords/«eyJfcmFpbHMiOnsiZGF0YSI6WzEsIjIwMjYiXSwicHVyIjoiVXNlciJ9fQ==--7a1c05d9e7f4»/edit`,
  ],
  [
    'ASP.NET Identity',
    'https://a.io/Account/ResetPassword?userId=5&code=«CfDJ8NrAkS7kF3pZb%2B2Qx%2F9TnQ%3D%3D»',
  ],
  ['WordPress', 'https://a.io/wp-login.php?action=rp&key=«hJ2kL9mN4pQ7rS1tU5vW»&login=ann'],
  [
    'Drupal',
    'https://a.io/user/reset/1/1790000000/«Qm3xT9hWmB2vNsKyCkZyx7fLpR4dE8aUcJ5gH0iO1w»/login',
  ],
  ['Shopify', 'https://shop.a.io/account/reset/5678/«9f86d081884c7d659a2feaa0c55ad015-1790000000»'],
  [
    'Magento',
    'https://shop.a.io/customer/account/createPassword/?token=«Xq7ZkP3mX9qT2wZ8bN5vL7cR4yU6aB1d»',
  ],
  ['Symfony', 'https://a.io/reset-password/reset/«tK3pZb2Qx9TnQCfDJ8NrAkS7kF3pZb2Qx9TnQ4w1»'],
  ['Auth0', 'https://a.auth0.com/u/reset-verify?ticket=«Qm3xT9hWmB2vNsKyCkZyx7fLpR4dE8aU»#'],
  [
    'AWS Cognito',
    'https://a.io/confirm?client_id=1example23456789&user_name=ann&confirmation_code=«9F86D081884C7D659A»',
  ],
  [
    'Keycloak',
    `https://id.a.io/realms/shop/login-actions/action-token?key=«${JWT}»&client_id=web&tab_id=aB3`,
  ],
  [
    'Firebase',
    'https://a.firebaseapp.com/__/auth/action?mode=resetPassword&oobCode=«aB3dE5gH7jK9mN1pQ3sT5v»&apiKey=«AIzaSyB3dE5gH7j»&lang=en',
  ],
  [
    'Parse',
    'https://a.io/apps/request_password_reset?token=«k3j9x2m4p8q1r7s5t6u0v2w4y»&username=ann',
  ],
  ['Okta', 'https://a.okta.com/signin/reset-password/«Xq7ZkP3mX9qT2wZ8bN5v»'],
  ['GitLab', 'https://gitlab.a.io/users/unlock?unlock_token=«sKyCkZyxQ4fT9hWmB2vN»'],
  ['Discourse', 'https://forum.a.io/u/password-reset/«9f86d081884c7d659a2feaa0c55ad015»'],
  ['Strapi', 'https://a.io/reset?code=«9f86d081884c7d659a2feaa0c55ad0159f86d081884c»'],
  ['Ghost', 'https://blog.a.io/ghost/#/reset/«MTc5MDAwMDAwMHxhbm5AYS5pb3xYcTdaa1AzbVg5cVQyd1o4»/'],
  ['Mastodon', 'https://m.a.io/auth/password/edit?reset_password_token=«sKyCkZyxQ4fT9hWmB2vN»'],
  ['phpBB', 'https://b.a.io/ucp.php?mode=reset_password&u=42&token=«K3J9X2M4P8Q1»'],
  [
    'Odoo',
    'https://erp.a.io/web/reset_password?db=prod&token=«Xq7ZkP3mX9qT2wZ8bN5v»&signup_email=ann%40a.io',
  ],
  [
    'Moodle',
    'https://learn.a.io/login/forgot_password.php?token=«hJ2kL9mN4pQ7rS1tU5vWaB3dE5gH7jK9»',
  ],
  // Magic links
  [
    'Supabase',
    'https://x.supabase.co/auth/v1/verify?token=«pkce_9f86d081884c7d659a2feaa0c55ad015»&type=magiclink&redirect_to=https://a.io',
  ],
  [
    'Supabase SSR',
    'https://a.io/auth/confirm?token_hash=«pkce_9f86d081884c7d65»&type=email&next=/welcome',
  ],
  [
    'NextAuth',
    'https://a.io/api/auth/callback/email?callbackUrl=https%3A%2F%2Fa.io&token=«9f86d081884c7d65»&email=ann%40a.io',
  ],
  [
    'Stytch',
    'https://a.io/authenticate?stytch_token_type=magic_links&token=«DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=»',
  ],
  ['Clerk', `https://clerk.a.io/v1/verify?_clerk_js_version=5&token=«${JWT}»`],
  [
    'Magic',
    'https://auth.magic.link/confirm?next=true&tlt=«WyIweDlmODZkMDgxODg0YzdkNjU5YTJmZWFhMCIsIntcImlhdFwi»',
  ],
  ['Slack', 'https://acme.slack.com/z-app-123?otp=«482913»&redir=%2Fmessages'],
  [
    'Notion',
    'https://www.notion.so/loginwithemail?loginOptions=%7B%7D&state=«9f86d081884c7d659a2feaa0»&password=«correct-horse-battery»',
  ],
  [
    'Medium',
    'https://medium.com/m/callback/email?token=«9f86d081884c»&operation=login&state=medium',
  ],
  ['Substack', 'https://substack.com/sign-in?token=«eyJ1c2VyX2lkIjo0Mn0.Zm9vYmFy»&next=%2Fhome'],
  ['Linear', 'https://linear.app/auth/email/ann%40a.io/«9f86d081884c7d659a2f»'],
  [
    'Ghost members',
    'https://blog.a.io/members/?token=«Xq7ZkP3mX9qT2wZ8bN5vL7cR4yU6»&action=signin',
  ],
  [
    'Firebase email link',
    'https://a.page.link/?link=https%3A%2F%2Fa.firebaseapp.com%2F__%2Fauth%2Faction%3FapiKey%3D«AIzaSyB3dE5gH7j»%26mode%3DsignIn%26oobCode%3D«aB3dE5gH7jK9mN1pQ3sT5v»',
  ],
  // Addresses to confirm, invitations
  [
    'Devise confirmable',
    'https://a.io/users/confirmation?confirmation_token=«sKyCkZyxQ4fT9hWmB2vN»',
  ],
  [
    'Devise invitable',
    'https://a.io/users/invitation/accept?invitation_token=«sKyCkZyxQ4fT9hWmB2vN»',
  ],
  [
    'django-allauth',
    'https://a.io/accounts/confirm-email/«MQ:1tKx3f:Qm3xT9hWmB2vNsKyCkZyx7fLpR4dE8aU»/',
  ],
  [
    'Laravel verify',
    'https://a.io/email/verify/17/«9f86d081884c7d659a2feaa0c55ad0159f86d081»?expires=1790000000&signature=«9f86d081884c7d65»',
  ],
  [
    'Slack invite',
    'https://join.slack.com/t/acme/shared_invite/«zt-2k3j9x2m4-Qm3xT9hWmB2vNsKyCkZyx7»',
  ],
  [
    'GitHub invitation',
    'https://github.com/orgs/acme/invitation?invitation_token=«9f86d081884c7d65»&via_email=1',
  ],
  ['Discord invite', 'https://a.io/invite/«Xq7ZkP3mX9qT2wZ8bN5v»'],
  ['Trello', 'https://trello.com/invite/b/aB3dE5gH/«ATTI9f86d081884c7d659a2feaa0c55ad015»/roadmap'],
  [
    'Calendly',
    'https://calendly.com/invitee_confirmation?invitee_token=«9f86d081-884c-4d65-9a2f-eaa0c55ad015»',
  ],
  // OAuth and SSO
  ['Google OAuth', 'https://a.io/cb?code=«4/0AX4XfWh7Kq2mB9xT8zN3»&state=xyz&scope=email'],
  [
    'OAuth implicit',
    'https://a.io/cb#access_token=«ya29.a0AfH6SMB»&token_type=bearer&expires_in=3600',
  ],
  ['OpenID Connect', `https://a.io/cb#id_token=«${JWT}»&session_state=1`],
  [
    'Twitter OAuth 1',
    'https://a.io/cb?oauth_token=«Z6eEdO8MOmk394WozF5oKyuAv855l4Mlqo7hhlSLik»&oauth_verifier=«aB3dE5»',
  ],
  ['CAS', 'https://a.io/?ticket=«ST-1856339-aA5Yuvrxzpv8Tau1cYQ7»'],
  ['SAML', 'https://a.io/acs?SAMLResponse=«PHNhbWxwOlJlc3BvbnNl»&RelayState=home'],
  ['Zendesk', `https://acme.zendesk.com/access/jwt?jwt=«${JWT}»&return_to=https%3A%2F%2Fa.io`],
  ['a JWT in a path', `https://a.io/sso/«${JWT}»/home`],
  // Signed storage
  [
    'Amazon S3',
    'https://b.s3.amazonaws.com/f.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261129T000000Z&X-Amz-Expires=60&X-Amz-Security-Token=«IQoJb3JpZ2luX2Vj»&X-Amz-Signature=«9f86d081884c7d65»',
  ],
  [
    'Amazon S3, version 2',
    'https://b.s3.amazonaws.com/f?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1790000000&Signature=«a%2Bb%2Fc%3D»',
  ],
  [
    'Google Cloud Storage',
    'https://storage.googleapis.com/b/f?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Expires=60&X-Goog-Signature=«9f86d081884c7d65»',
  ],
  [
    'Azure SAS',
    'https://a.blob.core.windows.net/c/f.pdf?sv=2024-11-04&se=2026-11-30T00%3A00%3A00Z&sr=b&sp=r&sig=«kP3mX9qT2wZ8bN5vL7cR4yU6%2BaB1d%3D»',
  ],
  [
    'CloudFront',
    'https://d1.cloudfront.net/f?Expires=1790000000&Policy=«eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNl»&Signature=«aB3~dE5-»&Key-Pair-Id=APKAEXAMPLE',
  ],
  ['Dropbox', 'https://www.dropbox.com/scl/fi/abc/plan.pdf?rlkey=«k3j9x2m4p8q1r7s5t6u0v2w4y»&dl=0'],
  [
    'SharePoint',
    'https://acme.sharepoint.com/f.aspx?tempauth=«v1.eyJzaXRlaWQiOiI5Zjg2ZDA4MSJ9.Q2ZESjhOckFrUzdr»',
  ],
  [
    'Active Storage',
    'https://a.io/rails/active_storage/blobs/redirect/«eyJfcmFpbHMiOnsiZGF0YSI6NDIsInB1ciI6ImJsb2JfaWQifX0=--9f86d081884c7d65»/plan.pdf',
  ],
  ['Mapbox', 'https://api.mapbox.com/v4/a.json?access_token=«pk.eyJ1IjoiYW5uIn0.Zm9v»'],
  // Accounts, payments, documents
  [
    'Stripe return',
    'https://a.io/done?payment_intent=pi_3N&payment_intent_client_secret=«pi_3MtwBwLkdIwHu7ix_secret_YrKJUKribcBjcG8H»',
  ],
  [
    'Stripe billing',
    'https://billing.stripe.com/session/«live_YWNjdF8xTjl4VDhaTjMsX09hQjNkRTVnSDdq»',
  ],
  [
    'Shopify order',
    'https://shop.a.io/12345/orders/9f86d081884c7d659a2feaa0c55ad015/authenticate?key=«9f86d081884c7d65»',
  ],
  ['Zoom', 'https://zoom.us/j/123456789?pwd=«K3J9X2M4P8Q1r7s5.1»'],
  ['Jitsi', `https://meet.a.io/standup?jwt=«${JWT}»`],
  // Spellings
  ['PHP arrays', 'https://a.io/?user[token]=«x»&user[name]=ann&token[]=«y»'],
  ['encoded brackets', 'https://a.io/?user%5Bpassword%5D=«hunter2»&user%5Bname%5D=ann'],
  ['a session in a path', 'https://a.io/page.jsp;jsessionid=«1A2B3C4D»?x=1'],
  ['a route in a fragment', 'https://a.io/#/reset?token=«aB3dE5»&lang=en'],
  ['a password in front of a host', 'https://ann:«hunter2»@a.io/'],
];

/** URLs that tell what somebody looks at, and must be told apart. */
export const WHOLE_SHAPES: UrlShapes = [
  // Coupons
  ['Shopify discount', 'https://shop.a.io/discount/WELCOME-BACK-2026?redirect=/collections/all'],
  ['WooCommerce coupon', 'https://shop.a.io/?coupon_code=BLACKFRIDAY2026EXTRA'],
  ['Stripe promotion', 'https://shop.a.io/buy?prefilled_promo_code=SPRING26'],
  ['a voucher', 'https://shop.a.io/?code=SUMMER2026DISCOUNT'],
  ['a voucher of words', 'https://shop.a.io/?code=FREE-SHIPPING-FOREVER-10'],
  ['a gift', 'https://shop.a.io/?promo=GIFT-FOR-YOU-2026-WINTER'],
  // Products
  ['Amazon', 'https://www.amazon.de/dp/B08N5WRWNW?ref_=nav_em&th=1&psc=1'],
  ['eBay', 'https://www.ebay.com/itm/256012345678?hash=item3b9b8c'],
  ['Etsy', 'https://www.etsy.com/listing/1234567890/hand-made-mug?click_sum=12'],
  ['Shopify', 'https://shop.a.io/products/linen-shirt?variant=43210987654321'],
  ['Magento', 'https://shop.a.io/catalog/product/view/id/42/s/linen-shirt/category/7/'],
  ['Zalando', 'https://www.zalando.de/shirt-blau-ab121d0a1-k11.html?size=M'],
  ['an article number', 'https://shop.a.io/?id=SKU-12345-BLK-XL-2026'],
  ['a model', 'https://shop.a.io/?id=iPhone15ProMax256GB'],
  ['an ISBN', 'https://books.a.io/?id=978-3-16-148410-0'],
  ['a colour', 'https://shop.a.io/shirts?key=blue&value=navy'],
  ['a long colour', 'https://shop.a.io/shirts?key=navy-blue-with-stripes'],
  // Codes that are no secrets
  ['a country', 'https://a.io/?code=DE'],
  ['a language', 'https://a.io/?code=pt-BR&hl=pt-BR'],
  ['an airport', 'https://fly.a.io/?code=FRA&to=JFK&class=economy'],
  ['a currency', 'https://a.io/?code=EUR&amount=12.50'],
  ['a postcode', 'https://a.io/?code=SW1A%201AA'],
  ['an error', 'https://help.a.io/?code=ERR_CONNECTION_REFUSED'],
  ['a state', 'https://a.io/?state=north-rhine-westphalia'],
  ['a chart', 'https://charts.a.io/?key=revenue-by-month-and-region'],
  // Events
  [
    'Eventbrite',
    'https://www.eventbrite.com/e/nest-meetup-berlin-tickets-123456789012?aff=ebdssbdestsearch',
  ],
  ['Meetup', 'https://www.meetup.com/nest-berlin/events/301234567/?eventOrigin=email'],
  ['Sessionize', 'https://conf.a.io/?session=keynote-opening-2026-day-1'],
  ['a part of a day', 'https://conf.a.io/?session=morning'],
  ['a ticket', 'https://conf.a.io/?ticket=early-bird-conference'],
  [
    'Google Calendar',
    'https://calendar.google.com/calendar/render?action=TEMPLATE&text=Launch&dates=20261129T090000Z/20261129T100000Z',
  ],
  ['Calendly', 'https://calendly.com/ann-smith/30min?month=2026-12&date=2026-12-01'],
  ['a start and an end', 'https://a.io/?st=2026-11-29T00:00:00Z&se=2026-11-30T00:00:00Z'],
  // People
  ['an address', 'https://a.io/?email=ann.smith@example.com'],
  ['an encoded address', 'https://a.io/?email=ann%2Bnews%40example.com'],
  ['an address as an id', 'https://a.io/?id=ann.smith@example.com'],
  ['a login', 'https://a.io/?login=ann.smith@example.com'],
  ['a profile', 'https://github.com/ann-smith?tab=repositories'],
  ['LinkedIn', 'https://www.linkedin.com/in/ann-smith-1234567/?trk=email'],
  ['mailto', 'mailto:ann@example.com?subject=Hello'],
  // Counting
  [
    'Google Analytics',
    'https://a.io/?utm_source=newsletter&utm_medium=email&utm_campaign=spring-sale-2026&utm_content=hero',
  ],
  ['Google Ads', 'https://a.io/?gclid=Cj0KCQiA2KitBhCIARIsAPPMEhJt5eYb7ZkQ&gad_source=1'],
  ['Facebook', 'https://a.io/?fbclid=IwAR0xY3vQ9kZ7mT2wP5bN8cL4'],
  ['Microsoft Ads', 'https://a.io/?msclkid=9f86d081884c7d659a2feaa0c55ad015'],
  ['Mailchimp', 'https://a.io/?mc_cid=9f86d08188&mc_eid=4c7d659a2f'],
  ['HubSpot', 'https://a.io/?_hsmi=301234567&utm_source=hs_email'],
  ['Matomo', 'https://a.io/?mtm_campaign=spring&mtm_kwd=shoes'],
  ['a referral', 'https://a.io/?ref=a1b2c3d4e5f6g7h8i9j0'],
  // Pages
  ['WordPress', 'https://blog.a.io/2026/11/how-to-reset-your-password-in-three-steps/'],
  ['Medium', 'https://medium.com/@ann/why-tokens-expire-9f86d081884c'],
  ['YouTube', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=43s'],
  ['Spotify', 'https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT'],
  [
    'Google Docs',
    'https://docs.google.com/document/d/1aB3dE5gH7jK9mN1pQ3sT5vW7yZ/edit#heading=h.gjdgxs',
  ],
  ['Google Maps', 'https://www.google.com/maps/@52.520008,13.404954,12z'],
  [
    'GitHub commit',
    'https://github.com/nestjs/nest/commit/9f86d081884c7d659a2feaa0c55ad0159f86d081',
  ],
  ['GitHub issue', 'https://github.com/nestjs/nest/issues/1234#issuecomment-1234567890'],
  ['Figma', 'https://www.figma.com/file/aB3dE5gH7jK9mN1pQ3sT5v/Design?node-id=12-345'],
  ['Wikipedia', 'https://de.wikipedia.org/wiki/Magic:_The_Gathering'],
  ['npm', 'https://www.npmjs.com/package/@nestjs/event-emitter?activeTab=versions'],
  [
    'Stack Overflow',
    'https://stackoverflow.com/questions/12345678/what-is-a-session-token-and-how-is-it-made',
  ],
  ['a help page', 'https://help.a.io/login/with-your-company-account'],
  ['a page of documents', 'https://docs.a.io/auth/tokens/how-do-refresh-tokens-work'],
  ['a search', 'https://a.io/search?q=password+manager&sort=price&page=2'],
  ['a text fragment', 'https://a.io/#:~:text=secret%20garden'],
  ['a route', 'https://a.io/#/products/linen-shirt?color=navy-blue-with-stripes'],
  ['a list of words', 'https://a.io/?tokenize=true&secretary=ann&passport=DE&keyword=garden'],
  ['switches', 'https://a.io/?forgot_password=true&has_token=1&new_password=&change_key=yes'],
  [
    'a URL in a URL',
    'https://a.io/out?url=https%3A%2F%2Fshop.a.io%2Fsale%3Fcode%3DDE%26color%3Dred',
  ],
];
