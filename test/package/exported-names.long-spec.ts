import { join } from 'node:path';
import ts from 'typescript';
import manifest from '../../package.json';

/** The entry points as `exports` names them, and their sources. */
const entries = Object.entries(manifest.exports)
  .filter(
    (entry): entry is [string, { types: string; default: string }] => entry[0] !== './package.json',
  )
  .map(([name, paths]) => ({
    name,
    source: join('lib', paths.default.replace('./dist/', '').replace(/\.js$/, '.ts')),
  }));

/**
 * What users can import. If a change here is meant, `npx jest -c jest.long.mjs exported-names -u`
 * writes the list anew, and the changelog says what changed.
 */
describe('the exported names', () => {
  const settings = ts.parseJsonConfigFileContent(
    ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)).config,
    ts.sys,
    process.cwd(),
  ).options;
  const program = ts.createProgram(
    entries.map(({ source }) => source),
    settings,
  );
  const checker = program.getTypeChecker();

  test.each(entries)('of $name are those of the committed list', ({ source }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(source)!);
    const names = checker.getExportsOfModule(module!).map((symbol) => {
      const target =
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return `${target.flags & ts.SymbolFlags.Value ? 'value' : 'type'} ${symbol.name}`;
    });
    expect(names.toSorted().join('\n')).toMatchSnapshot();
  });
});
