import { narrower } from '../link/privacy-mode.js';
import type { ConsentAnswer, ConsentQuestion, ConsentResolver } from './consent-resolver.js';

/**
 * Returns a resolver that asks all of some, and answers with the narrowest of their answers: an app that
 * has a resolver of its own may also have the register, to which the page of unsubscribe links writes.
 */
export function combined(
  resolvers: readonly (ConsentResolver | undefined)[],
): ConsentResolver | undefined {
  const known = resolvers.filter((one) => one !== undefined);
  if (known.length < 2) return known[0];
  return {
    resolve: async (question) =>
      meet(await Promise.all(known.map(async (one) => one.resolve(question))), question),
    resolveMany: async (questions) => {
      const lists = await Promise.all(known.map((one) => answersOf(one, questions)));
      return questions.map((question, i) =>
        meet(
          lists.map((list) => list[i]!),
          question,
        ),
      );
    },
  };
}

async function answersOf(
  resolver: ConsentResolver,
  questions: readonly ConsentQuestion[],
): Promise<readonly ConsentAnswer[]> {
  if (resolver.resolveMany) return resolver.resolveMany(questions);
  return Promise.all(questions.map(async (question) => resolver.resolve(question)));
}

/** Who was not asked says nothing. */
function meet(answers: readonly ConsentAnswer[], { kind }: ConsentQuestion): ConsentAnswer {
  return answers.reduce((one, other) => {
    if (one === null || other === null) return one ?? other;
    return narrower(one, other, kind);
  });
}
