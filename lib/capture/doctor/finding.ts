/** One thing doctor looked at. `warn` works but deserves a look; `bad` means something is not recorded, or is open to others. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'bad';
  readonly says: string;
  readonly hint?: string;
}
