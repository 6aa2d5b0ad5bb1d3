import { narrower } from '../link/privacy-mode.js';
import {
  type ConsentAnswer,
  type ConsentQuestion,
  type ConsentResolver,
  isAnswer,
} from './consent-resolver.js';

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
      meet(
        await Promise.all(known.map(async (one) => checked(await one.resolve(question)))),
        question,
      ),
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
  if (!resolver.resolveMany) {
    return Promise.all(
      questions.map(async (question) => checked(await resolver.resolve(question))),
    );
  }
  const answers = await resolver.resolveMany(questions);
  if (answers?.length !== questions.length) {
    throw new TypeError('resolveMany must return an answer to each question');
  }
  return answers.map(checked);
}

/** What is no answer must not be taken for that of somebody who was not asked. */
function checked(answer: ConsentAnswer): ConsentAnswer {
  if (isAnswer(answer)) return answer;
  throw new TypeError('a consent resolver must return a mode or null');
}

/** Who was not asked says nothing. */
function meet(answers: readonly ConsentAnswer[], { kind }: ConsentQuestion): ConsentAnswer {
  return answers.reduce((one, other) => {
    if (one === null || other === null) return one ?? other;
    return narrower(one, other, kind);
  });
}
