/** Says who calls. The version is that of package.json; a test holds them together. */
export const USER_AGENT = 'nestjs-email-tracking/0.1.0';
