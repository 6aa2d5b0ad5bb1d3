/** MJML brings no types, and those of DefinitelyTyped are of an older version. */
declare module 'mjml' {
  export interface MjmlResult {
    html: string;
    errors: { formattedMessage: string }[];
  }

  export default function mjml2html(
    source: string,
    options?: { validationLevel?: 'strict' | 'soft' | 'skip'; keepComments?: boolean },
  ): Promise<MjmlResult>;
}
