/**
 * Names of parameters whose value is a secret, as data. They are compared without case, hyphens and
 * underscores: `access_token`, `accessToken` and `Access-Token` are one name.
 */

/** The value is always a secret. */
export const ALWAYS_SECRET: ReadonlySet<string> = new Set([
  // OAuth 2.0 and OpenID Connect (RFC 6749, RFC 7521, RFC 7636), and what others call the same.
  ...['token', 'accesstoken', 'idtoken', 'refreshtoken', 'oauthtoken', 'oauthverifier'],
  ...['clientsecret', 'clientassertion', 'assertion', 'codeverifier', 'samlresponse', 'bearer'],
  ...['authtoken', 'authenticationtoken', 'authorization', 'apitoken', 'usertoken', 'ssotoken'],
  // Logging in, resetting, confirming (Devise, Django, Laravel, ASP.NET Identity, Supabase, …).
  ...['resettoken', 'resetpasswordtoken', 'passwordresettoken', 'confirmationtoken'],
  ...['invitationtoken', 'invitetoken', 'unlocktoken', 'verificationtoken', 'verifytoken'],
  ...['logintoken', 'magictoken', 'magiclinktoken', 'stytchtoken', 'tokenhash', 'sessiontoken'],
  ...['csrftoken', 'xsrftoken', 'authenticitytoken', 'csrf', 'xsrf', 'otp', 'totp', 'onetimecode'],
  ...['password', 'passwd', 'passphrase', 'pwd', 'newpassword', 'jwt', 'jwttoken'],
  // Keys and signatures (AWS, Google Cloud, CloudFront, …).
  ...['secret', 'secretkey', 'apikey', 'xapikey', 'apisecret', 'appsecret', 'privatekey'],
  ...['secretaccesskey', 'subscriptionkey', 'signature', 'xamzsignature', 'xamzsecuritytoken'],
  ...['xgoogsignature', 'hmac', 'jsessionid', 'phpsessid', 'aspsessionid'],
]);

/** The value is a secret if it is long and looks random; `code=DE` is a country. */
export const SECRET_IF_RANDOM: ReadonlySet<string> = new Set([
  ...['code', 'key', 'id', 'sig', 'session', 'sessionid', 'sid', 'ticket', 'magic', 'magiclink'],
  ...['invite', 'invitation', 'invitecode', 'auth', 'authcode', 'authkey', 'oobcode', 'confirm'],
  ...['confirmation', 'confirmationcode', 'verify', 'verification', 'verificationcode'],
  ...[
    'activate',
    'activation',
    'activationcode',
    'activationkey',
    'reset',
    'resetcode',
    'resetkey',
  ],
  ...['login', 'loginkey', 'access', 'accesskey', 'accesscode', 'credential', 'credentials'],
  ...['hash', 'checksum', 'digest', 'nonce', 'state', 'policy', 'sign', 'signed', 's', 't', 'k'],
  ...['h', 'uuid', 'guid', 'userkey', 'userhash', 'pass', 'pin', 'share', 'sharekey', 'license'],
  ...['licensekey', 'secure', 'data', 'payload', 'unsubscribe', 'optin', 'doi', 'sharetoken'],
  ...['pagetoken', 'nextpagetoken', 'continuationtoken', 'securitycode', 'mac', 'st', 'se'],
  'tlt',
]);

/** A name that ends like this is one of the second table: `invitee_token`, `rlkey`, `tempauth`. */
export const SECRET_IF_RANDOM_ENDING = /(?:token|secret|password|signature|key|auth)$/;

/** A random path segment behind one of these is a secret: `/reset/3f9c…`, `/magic-link/…`. */
export const SECRET_PATHS: ReadonlySet<string> = new Set([
  ...['reset', 'resetpassword', 'passwordreset', 'password', 'verify', 'verifyemail', 'confirm'],
  ...['emailverification', 'confirmemail', 'activate', 'activation', 'magic', 'magiclink', 'login'],
  ...['signin', 'token', 'auth', 'session', 'otp', 'unlock', 'invite', 'invitation', 'invitations'],
  ...['accept', 'join', 'sso', 'setpassword', 'newpassword', 'recover', 'recovery', 'optin'],
  ...['passwords', 'invites', 'sharedinvite'],
]);

/** Returns a name as the tables have it. */
export function comparableName(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, '');
}
