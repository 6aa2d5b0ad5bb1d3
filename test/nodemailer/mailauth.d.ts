/** What the tests use of mailauth, which has no types. */
declare module 'mailauth/lib/dkim/verify' {
  export interface DkimResult {
    status: { result: string; comment?: string };
    signingDomain: string;
    selector: string;
    /** The names of the signed fields, as they were found. */
    signingHeaders?: { keys: string; headers: string[] };
  }

  export function dkimVerify(
    message: Buffer,
    options: { resolver: (name: string, type: string) => Promise<string[][]> },
  ): Promise<{ results: DkimResult[] }>;
}
