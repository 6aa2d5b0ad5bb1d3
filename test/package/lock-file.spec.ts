import { readFileSync } from 'node:fs';
import { satisfies } from 'semver';

/** The oldest Node that `engines` allows. */
const OLDEST_NODE = '20.19.0';

interface LockedPackage {
  version?: string;
  resolved?: string;
  engines?: { node?: string };
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('package-lock.json', () => {
  test('holds only packages that allow Node 20.19, so npm ci prints no EBADENGINE', () => {
    const refusing = installed
      .filter(([, { engines }]) => !satisfies(OLDEST_NODE, engines?.node ?? '*'))
      .map(([path, { version, engines }]) => `${path}@${version} needs ${engines?.node}`);
    expect(refusing).toEqual([]);
  });

  test('names no registry', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
