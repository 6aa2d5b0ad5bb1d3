/** How much is kept of what a request says about its reader: the option `keep`. */
export interface Keep {
  /** The address: all of it, its network (/24 of IPv4, /48 of IPv6), or nothing. Default: `full`. */
  readonly ip?: 'full' | 'truncated' | 'none';
  /** The user agent: all of it, the program and its first version number, or nothing. Default: `full`. */
  readonly userAgent?: 'full' | 'reduced' | 'none';
}
