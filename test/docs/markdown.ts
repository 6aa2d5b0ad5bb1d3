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
  blocks: CodeBlock[];
  tables: Table[];
}

/** Reads the little Markdown that our documents are made of. */
export function readDocument(document: string): Document {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const blocks: CodeBlock[] = [];
  const tables: Table[] = [];
  const headings: string[] = [];
  let block: CodeBlock | undefined;
  let table: Table | undefined;
  text.split('\n').forEach((line, index) => {
    if (block) {
      if (line === '```') block = undefined;
      else block.code += `${line}\n`;
      return;
    }
    const section = headings.filter(Boolean).join(' / ');
    const fence = /^```(\w*)$/.exec(line);
    if (fence) {
      block = { document, section, line: index + 2, language: fence[1]!, code: '' };
      blocks.push(block);
      return;
    }
    const heading = /^(#{2,}) (.*)$/.exec(line);
    if (heading) headings.splice(heading[1]!.length - 2, Infinity, heading[2]!);
    if (!line.startsWith('|')) {
      table = undefined;
    } else if (!table) {
      table = { section, head: cells(line), rows: [] };
      tables.push(table);
    } else if (!/^\|[ |:-]+\|$/.test(line)) {
      table.rows.push(cells(line));
    }
  });
  return { text, blocks, tables };
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
