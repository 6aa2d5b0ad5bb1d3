import { join } from 'node:path';
import ts from 'typescript';

const ROOT = process.cwd();
const fileOf = (name: string) => join(ROOT, 'test', 'nodemailer', `${name}.ts`);

/** What a user writes, with the types of Nodemailer that are installed there. */
const USER = `
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type { TrackingService } from 'nestjs-email-tracking';
import { tracked, trackingPlugin } from 'nestjs-email-tracking/nodemailer';

declare const service: TrackingService;
const transporter: Transporter = createTransport({ host: 'localhost' });
const pooled = createTransport({ host: 'localhost', pool: true });
transporter.use('compile', trackingPlugin(service));
pooled.use('compile', trackingPlugin(service, {
  metadata: { a: 1 },
  onOutcome: (outcome, mail) => {
    const id: string | null = outcome.messageId;
    const text: string = outcome.tracked ? outcome.report.pixel : outcome.reason;
    console.log(id, text, mail.data);
  },
}));

const literal = tracked({ to: 'a@example.com', subject: 's', html: 'h' }, { tags: ['x'] });
const options: SendMailOptions = tracked<SendMailOptions>({ html: 'h' }, { clickTracking: false });
export async function send() {
  await transporter.sendMail(literal);
  await pooled.sendMail(options);
  await transporter.sendMail(tracked({ to: ['a@example.com'], html: Buffer.from('h') }));
}
`;

const WRONG = `
import { createTransport } from 'nodemailer';
import type { TrackingService } from 'nestjs-email-tracking';
import { tracked, trackingPlugin } from 'nestjs-email-tracking/nodemailer';

declare const service: TrackingService;
createTransport({ host: 'localhost' }).use('compile', service);
trackingPlugin(service, { recipient: 'a@example.com' });
tracked({ html: 'h' }, { tag: ['x'] });
void createTransport({ host: 'localhost' }).sendMail(tracked({ to: 5 }));
`;

/** The types of one Nodemailer, as an app has them that installed it. */
const TYPES: [name: string, paths: Record<string, string[]>][] = [
  ['its own (10)', {}],
  [
    'DefinitelyTyped (6 to 8)',
    {
      nodemailer: ['./node_modules/@types/nodemailer/index.d.ts'],
      'nodemailer/*': ['./node_modules/@types/nodemailer/*'],
    },
  ],
];

const FILES = new Map([
  [fileOf('types-of-a-user'), USER],
  [fileOf('types-gone-wrong'), WRONG],
]);

describe.each(TYPES)('the types of Nodemailer: %s', (name, paths) => {
  const made = program(paths);

  test('take the plugin and tracked mails', () => {
    expect(problemsOf(made, fileOf('types-of-a-user'))).toEqual([]);
  });

  test('report a mistake of the user', () => {
    const problems = problemsOf(made, fileOf('types-gone-wrong'));
    expect(problems.map((problem) => problem.slice(0, 3))).toEqual(['7: ', '8: ', '9: ', '10:']);
  });

  test('come from the package that is named', () => {
    const files = made.getSourceFiles().map(({ fileName }) => fileName);
    const isTyped = files.some((file) => file.includes('@types/nodemailer/'));
    expect(isTyped).toBe(!name.startsWith('its own'));
  });
});

function problemsOf(made: ts.Program, path: string): string[] {
  const file = made.getSourceFile(path)!;
  return [...made.getSyntacticDiagnostics(file), ...made.getSemanticDiagnostics(file)].map(
    ({ start = 0, messageText }) => {
      const line = file.getLineAndCharacterOfPosition(start).line + 1;
      return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    },
  );
}

function program(paths: Record<string, string[]>): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: { compilerOptions: { paths: Record<string, string[]> } };
  };
  const files = [...FILES.keys()];
  const compilerOptions = {
    ...config.compilerOptions,
    paths: { ...config.compilerOptions.paths, ...paths },
  };
  const parsed = { ...config, compilerOptions, include: [], files };
  const { options } = ts.parseJsonConfigFileContent(parsed, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => FILES.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => FILES.get(path) ?? ts.sys.readFile(path);
  return ts.createProgram(files, options, host);
}
