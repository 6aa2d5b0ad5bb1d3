import { join } from 'node:path';
import { TrackingError } from 'nestjs-email-tracking';
import { createApp } from './create-app.js';
import { withKeptKeys } from './kept-key.js';
import { readSettings, SettingsError, type Settings } from './settings.js';
import { SmtpServer } from './inbox/smtp-server.js';

// From dist-sample/main.js. Pages and mails are read from the sources: an edit needs no new build.
const assets = join(__dirname, '../sample-app');

async function start(): Promise<void> {
  const settings = withKeptKeys(await readSettings(process.env, assets));
  const app = await createApp(settings, {
    logger: ['error', 'warn'],
    // Errors before the app listens are printed once, below, without Nest's stack traces.
    bufferLogs: true,
    autoFlushLogs: false,
  });
  app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
  try {
    await app.listen(settings.port, settings.host);
  } catch (error) {
    await app.close();
    throw explainTakenPort(error, settings);
  }
  app.flushLogs();
  greet(settings, app.get(SmtpServer).port);
}

start().catch((error: unknown) => {
  console.error(`\nThe sample app did not start.\n${describe(error)}\n`);
  process.exit(1);
});

function greet(settings: Settings, smtpPort: number | null): void {
  const mails = settings.smtpUrl
    ? `to ${new URL(settings.smtpUrl).host} (SMTP_URL)`
    : `to 127.0.0.1:${smtpPort}, an SMTP server in this process`;
  const numbers = settings.databaseUrl ? 'the server of DATABASE_URL' : settings.dataDir;
  const key = settings.keyIsFresh
    ? 'made for this run; its links stop working with the app (set TRACKING_ENCRYPTION_KEY)'
    : process.env.TRACKING_ENCRYPTION_KEY
      ? 'TRACKING_ENCRYPTION_KEY'
      : `kept in ${settings.dataDir}`;
  console.log(`
  Start here  ${settings.publicUrl}
  Dashboard   ${settings.publicUrl}/dashboard
  Mails go    ${mails}
  Data        ${numbers}
  Link key    ${key}
  Stop with   Ctrl+C
`);
}

function explainTakenPort(error: unknown, settings: Settings): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new SettingsError([
    `Port ${settings.port} is taken: set PORT to another one (PORT=0 picks a free one).`,
  ]);
}

/** Problems that the user can fix are printed without a stack. */
function describe(error: unknown): string {
  if (error instanceof SettingsError) return error.problems.map((p) => `  - ${p}`).join('\n');
  if (error instanceof TrackingError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
