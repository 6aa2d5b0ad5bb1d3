import ts from 'typescript';
import type { CodeBlock } from './markdown.js';

/**
 * Runs a TypeScript block as a module.
 *
 * @param modules what it imports, by name
 * @returns what it exports
 */
export function runBlock<Exports>(
  { code }: CodeBlock,
  modules: Readonly<Record<string, unknown>>,
): Exports {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  const load = (name: string) => {
    if (!Object.hasOwn(modules, name)) throw new Error(`The block imports ${name}.`);
    return modules[name];
  };
  const exported = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('exports', 'require', outputText)(exported, load);
  return exported as Exports;
}
