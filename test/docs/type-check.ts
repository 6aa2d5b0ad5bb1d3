import { join } from 'node:path';
import ts from 'typescript';
import { type CodeBlock, fileNameOf, ROOT } from './markdown.js';

/** What the documents say "stands for" something in their shorter blocks. */
const PRELUDE = `
  declare const options: {
    baseOpenTrackingUrl: string;
    baseClickTrackingUrl: string;
    encryptionKey: string;
  };
  declare const tracking: import('nestjs-email-tracking').TrackingService;
`;

/** Modules without types of their own, and modules that are not installed. */
const DECLARATIONS = ['test/docs/sdks.d.ts', 'test/support/mjml.d.ts'];

/**
 * Type-checks blocks against `lib`, by the settings of this repository. The blocks of one section
 * share a folder, so that those which start with a comment such as `// app.module.ts` can import
 * each other.
 *
 * @returns one line for each problem, with its place in the document
 */
export function typeCheck(blocks: readonly CodeBlock[]): string[] {
  const sections = [...new Set(blocks.map(folderOf))];
  const files = new Map<string, { text: string; block?: CodeBlock }>();
  const base = join(ROOT, '.docs');
  files.set(join(base, 'prelude.d.ts'), { text: PRELUDE });
  for (const block of blocks) {
    const folder = join(base, String(sections.indexOf(folderOf(block))));
    const file = join(folder, fileNameOf(block) ?? `line-${block.line}.${block.language}`);
    if (files.has(file)) return [`${block.document}:${block.line} a second ${file}`];
    files.set(file, { text: `${block.code}\nexport {};\n`, block });
  }
  const program = createProgram(files);
  const problems: readonly ts.Diagnostic[] = [
    ...program.getOptionsDiagnostics(),
    ...[...files.keys()].flatMap((file) => [
      ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
      ...program.getSemanticDiagnostics(program.getSourceFile(file)),
    ]),
  ];
  return problems.map((problem) => describe(problem, files));
}

function folderOf({ document, section }: CodeBlock): string {
  return `${document} ${section}`;
}

function createProgram(files: ReadonlyMap<string, { text: string }>): ts.Program {
  const settings = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    { noEmit: true, jsx: ts.JsxEmit.ReactJSX },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  )!.options;
  const host = ts.createCompilerHost(settings);
  const isFolder = (path: string) => [...files.keys()].some((file) => file.startsWith(`${path}/`));
  const texts = new Map([...files].map(([path, { text }]) => [path, text]));
  // Blocks are ES modules, as a new app of Nest 12 has them: some use `await` at the top level.
  texts.set(join(ROOT, '.docs', 'package.json'), '{ "type": "module" }');
  host.fileExists = (path) => texts.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => texts.get(path) ?? ts.sys.readFile(path);
  host.directoryExists = (path) => isFolder(path) || ts.sys.directoryExists(path);
  const declarations = DECLARATIONS.map((file) => join(ROOT, file));
  return ts.createProgram([...declarations, ...files.keys()], settings, host);
}

function describe(
  { file, start = 0, messageText }: ts.Diagnostic,
  files: ReadonlyMap<string, { block?: CodeBlock }>,
): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const block = file && files.get(file.fileName)?.block;
  if (!block) return message;
  const line = block.line + file.getLineAndCharacterOfPosition(start).line;
  return `${block.document}:${line} ${message}`;
}
