import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import ts from 'typescript';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { validateOptions } from '../../lib/options/validate.js';
import { KEY } from '../support/app.js';
import { blocks, blocksIn } from './documents.js';
import { type CodeBlock, ROOT } from './markdown.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, unknown>;
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

/** Commands of npm itself; everything else runs a script. */
const NPM_COMMANDS = ['ci', 'install', 'install-ci-test', 'pack', 'publish', 'test', 'version'];

test.each(blocks.map((block) => [`${block.document}:${block.line}`, block] as const))(
  '%s names a known language and leaves nothing out',
  (_, { language, code }) => {
    const known = ['ts', 'tsx', 'bash', 'json', 'env', 'text', 'html', 'pug', 'python', 'sql'];
    expect(known).toContain(language);
    expect(code).not.toContain('…');
  },
);

describe('ts', () => {
  // Types are checked by the long suite; a name that is gone, or a slip of the pen, is found here.
  test.each(blocksIn('ts', 'tsx'))(
    '%s parses, and imports what the package exports',
    (_, block) => {
      expect(syntaxErrors(block)).toEqual([]);
      for (const { entry, names } of importsOfPackage(block)) {
        const exported = entries.get(entry);
        expect({ entry, isEntry: exported !== undefined }).toEqual({ entry, isEntry: true });
        expect([...exported!]).toEqual(expect.arrayContaining(names));
      }
    },
  );
});

test.each(blocksIn('json'))('json: %s is JSON', (_, { code }) => {
  expect(() => JSON.parse(code) as unknown).not.toThrow();
});

test.each(blocksIn('bash'))('bash: %s runs what exists', (_, { code }) => {
  for (const [, script] of code.matchAll(/npm run (?:--silent )?(\S+)/g)) {
    expect(Object.keys(manifest.scripts)).toContain(script);
  }
  for (const [, command] of code.matchAll(/^npm (?!run )(\S+)/gm)) {
    expect(NPM_COMMANDS).toContain(command);
  }
  const packages = { ...manifest.devDependencies, ...manifest.peerDependencies };
  for (const [, names] of code.matchAll(/npm install ([^#\n]+)/g)) {
    for (const word of names!
      .trim()
      .split(' ')
      .filter((name) => !name.startsWith('-'))) {
      const name = word.replace(/(?<=.)@.*$/, '');
      expect([manifest.name, ...Object.keys(packages)]).toContain(name);
    }
  }
});

test.each(blocksIn('env'))('env: %s sets options', (_, { code }) => {
  const lines = code.trim().split('\n');
  const before = { ...process.env };
  const warn = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('TRACKING_')) delete process.env[name];
    }
    process.env.TRACKING_ENCRYPTION_KEY = KEY;
    for (const line of lines) {
      const [name, value] = line.split(/=(.*)/s);
      process.env[name!] = value;
    }
    const options = trackingConfig();
    expect(() => validateOptions(options)).not.toThrow();
    const values = Object.values(options).flatMap((value: unknown) =>
      typeof value === 'object' && !Array.isArray(value)
        ? Object.values(value as Record<string, unknown>)
        : [value],
    );
    expect(values).toHaveLength(lines.length + 1);
    expect(warn).not.toHaveBeenCalled();
  } finally {
    process.env = before;
    warn.mockRestore();
  }
});

/** The names that each entry point exports, read from its source. */
const entries = new Map(
  Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => [path.replace(/^\./, manifest.name), exportsOf(sourceOf(path))]),
);

function sourceOf(path: string): string {
  const { types } = (manifest.exports as Record<string, { types: string }>)[path]!;
  return types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'lib/$1.ts');
}

function exportsOf(file: string): Set<string> {
  const names = new Set<string>();
  parse(readFileSync(join(ROOT, file), 'utf8'), file).forEachChild((node) => {
    if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)) {
      for (const { name } of node.exportClause.elements) names.add(name.text);
    } else if (ts.isVariableStatement(node)) {
      for (const { name } of node.declarationList.declarations) names.add(name.getText());
    } else if (ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node)) {
      names.add(node.name!.text);
    }
  });
  return names;
}

function importsOfPackage({ code }: CodeBlock): { entry: string; names: string[] }[] {
  const found: { entry: string; names: string[] }[] = [];
  parse(code).forEachChild((node) => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return;
    const entry = node.moduleSpecifier.text;
    const bindings = node.importClause?.namedBindings;
    if (entry.split('/')[0] !== manifest.name || !bindings || !ts.isNamedImports(bindings)) return;
    const names = bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
    found.push({ entry, names });
  });
  return found;
}

function syntaxErrors({ code, language }: CodeBlock): string[] {
  const { diagnostics } = ts.transpileModule(code, {
    fileName: `block.${language}`,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, experimentalDecorators: true },
  });
  return diagnostics!.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function parse(code: string, file = 'block.tsx'): ts.SourceFile {
  return ts.createSourceFile(file, code, ts.ScriptTarget.ES2022, true);
}
