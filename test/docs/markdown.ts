import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Jest runs in the root of the repository. */
export const ROOT = process.cwd();

/** A code block of a document. */
export interface CodeBlock {
  document: string;
  /** The headings above it, from the second level on, as in `Options / Events`. */
  section: string;
  /** Where its first line of code stands, from 1. */
  line: number;
  language: string;
  code: string;
}

/** A table of a document; backticks and escapes are taken off its cells. */
export interface Table {
  section: string;
  head: string[];
  rows: string[][];
}

/** What the tests want to know of a Markdown document of this repository. */
export interface Document {
  text: string;
  /** The text without its code blocks. */
  prose: string;
  /** All headings, in order. */
  headings: string[];
  blocks: CodeBlock[];
  tables: Table[];
}

/** Reads the little Markdown that our documents are made of. */
export function readDocument(document: string): Document {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const blocks: CodeBlock[] = [];
  const tables: Table[] = [];
  const prose: string[] = [];
  const headings: string[] = [];
  /** The headings above the line, from the second level on. */
  const path: string[] = [];
  let block: CodeBlock | undefined;
  let table: Table | undefined;
  text.split('\n').forEach((line, index) => {
    if (block) {
      if (line === '```') block = undefined;
      else block.code += `${line}\n`;
      return;
    }
    const section = path.filter(Boolean).join(' / ');
    const fence = /^```(\w*)$/.exec(line);
    if (fence) {
      block = { document, section, line: index + 2, language: fence[1]!, code: '' };
      blocks.push(block);
      return;
    }
    prose.push(line);
    const heading = /^(#+) (.*)$/.exec(line);
    if (heading) {
      const [, { length: level }, title] = heading as unknown as [string, string, string];
      headings.push(title);
      if (level > 1) path.splice(level - 2, Infinity, title);
    }
    if (!line.startsWith('|')) {
      table = undefined;
    } else if (!table) {
      table = { section, head: cells(line), rows: [] };
      tables.push(table);
    } else if (!/^\|[ |:-]+\|$/.test(line)) {
      table.rows.push(cells(line));
    }
  });
  return { text, prose: prose.join('\n'), headings, blocks, tables };
}

/** The name that a block gives itself in its first line. */
export function fileNameOf({ code }: CodeBlock): string | undefined {
  return /^\/\/ ([\w.-]+\.tsx?)\n/.exec(code)?.[1];
}

/** The tables below a heading. */
export function tablesOf({ tables }: Document, section: string): Table[] {
  return tables.filter((table) => table.section === section);
}

function cells(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('`', ''));
}
