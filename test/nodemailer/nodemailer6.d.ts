/** Nodemailer 6 brings no types; what the tests use of it is typed in nodemailers.ts. */
declare module 'nodemailer6' {
  const nodemailer: { createTransport: unknown };
  export default nodemailer;
}
