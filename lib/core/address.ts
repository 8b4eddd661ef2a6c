/** A text without the user names and passwords of the addresses in it: those are for git, not for logs and records. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^\s/@]*@/g, '$1');
}
