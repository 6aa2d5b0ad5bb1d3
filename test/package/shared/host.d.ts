/**
 * What differs from host to host. Each app has a `src/host.ts` that exports this; the runner puts
 * `main.ts` beside it, so this file is only what `main.ts` may count on.
 */

/** How this host spells the exemption of both routes from its global prefix. */
export declare const EXEMPT: string[];

/** The file that the package's name leads to, as this host's module system resolves it. */
export declare function packageEntry(): string;

/** The package once more, loaded at run time by every way that this host has. */
export declare function loadPackage(): Promise<object[]>;
