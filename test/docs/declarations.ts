import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './markdown.js';

/** A member of a class or interface, as the documents name it. */
export interface Member {
  name: string;
  /** The type as it is written, but for unions that have a name: these are written out. */
  type: string;
  /** What TSDoc says after `@default`. */
  byDefault: string | undefined;
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  let source = parsed.get(file);
  if (!source) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    parsed.set(file, source);
  }
  return source;
}

/** The members of an exported class or interface, in their order. */
export function membersOf(file: string, name: string): Member[] {
  const source = parse(file);
  const declaration = source.statements
    .filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
    .find((node) => node.name?.text === name)!;
  return [...declaration.members]
    .filter((node) => ts.isPropertyDeclaration(node) || ts.isPropertySignature(node))
    .map((node) => ({
      name: node.name.getText(),
      type: withUnions(node.type!.getText()),
      byDefault: defaultOf(node),
    }));
}

/** The texts of a union of string literals. */
export function unionOf(file: string, name: string): string[] {
  const text = typeText(parse(file), name)!;
  return [...text.matchAll(/'([^']+)'/g)].map((match) => match[1]!);
}

/** Named unions, which say more in a table when they are written out. */
const UNIONS: Record<string, string> = {
  LinkFormat: 'lib/link/link-codec.ts',
  PixelFormat: 'lib/link/pixel.ts',
  UrlJoin: 'lib/link/tracking-url.ts',
};

function withUnions(type: string): string {
  let text = type.replace(/\s+/g, ' ');
  for (const [name, file] of Object.entries(UNIONS)) {
    const union = typeText(parse(file), name)!;
    text = text.replace(`${name}[]`, `(${union})[]`).replace(name, union);
  }
  return text;
}

function typeText(source: ts.SourceFile, name: string): string | undefined {
  const alias = source.statements
    .filter((node) => ts.isTypeAliasDeclaration(node))
    .find((node) => node.name.text === name);
  return alias?.type.getText().replace(/\s+/g, ' ').replace(/^\| /, '');
}

function defaultOf(node: ts.Node): string | undefined {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === 'default');
  return ts.getTextOfJSDocComment(tag?.comment)?.replaceAll('`', '');
}
