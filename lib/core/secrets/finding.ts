/** Something to be taken out of a text: which rule found it, and where it is. */
export interface Finding {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}
