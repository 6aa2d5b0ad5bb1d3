import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 86_400_000;

/** A key and certificate in PEM. */
export interface Certified {
  key: string;
  cert: string;
}

/** A CA of the test's own. */
export class TestCa {
  readonly folder = mkdtempSync(join(tmpdir(), 'tracking-ca-'));
  readonly cert: string;

  constructor() {
    const config = [
      '[ca]\ndefault_ca=own\n[own]\ndir=.\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial',
      'default_md=sha256\npolicy=any\ncopy_extensions=copy\ncertificate=ca.pem\nprivate_key=ca.key',
      '[any]\ncommonName=supplied\n',
    ];
    writeFileSync(join(this.folder, 'ca.cnf'), config.join('\n'));
    writeFileSync(join(this.folder, 'index.txt'), '');
    writeFileSync(join(this.folder, 'index.txt.attr'), 'unique_subject = no\n');
    writeFileSync(join(this.folder, 'serial'), '01\n');
    this.run('req', '-x509', ...this.newKey('ca'), '-subj', '/CN=Test CA', '-out', 'ca.pem');
    this.cert = this.read('ca.pem');
  }

  get file(): string {
    return join(this.folder, 'ca.pem');
  }

  /** Issues a certificate that ends so many days from now. */
  issue(host: string, days = 60): Certified {
    const end = this.dayFromNow(days);
    const start = this.dayFromNow(Math.min(days, 0) - 30);
    const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    this.run('req', ...this.newKey('leaf'), ...names, '-out', 'leaf.csr');
    const dates = ['-startdate', start, '-enddate', end];
    this.run(
      'ca',
      '-config',
      'ca.cnf',
      '-batch',
      '-notext',
      ...dates,
      '-in',
      'leaf.csr',
      '-out',
      'leaf.pem',
    );
    return { key: this.read('leaf.key'), cert: this.read('leaf.pem') };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private newKey(name: string): string[] {
    return [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
    ];
  }

  private dayFromNow(days: number): string {
    const date = new Date(Date.now() + days * DAY_MS).toISOString();
    return `${date.slice(0, 19).replace(/[-:T]/g, '')}Z`;
  }

  private run(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  private read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }
}
