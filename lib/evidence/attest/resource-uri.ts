/**
 * An address as in-toto's ResourceURI: RFC 3986, with scheme and authority in lower case. As it is where it is one already, so
 * that readers find what they compare it with; null where it can't be made one.
 */
export function resourceUri(text: string): string | null {
  if (!URL.canParse(text)) return null;
  return [text, new URL(text).href].find(isResourceUri) ?? null;
}

function isResourceUri(text: string): boolean {
  const [whole, authority = '', rest = '', fragment = ''] =
    /^https?:\/\/([^/?#]+)([^#]*)#?(.*)$/s.exec(text) ?? [];
  return whole !== undefined && AUTHORITY.test(authority) && REST.test(rest) && REST.test(fragment);
}

const AUTHORITY =
  /^(?:(?:[a-z\d._~!$&'()*+,;=:-]|%[\dA-F]{2})*@)?(?:\[[\da-f:.]+\]|(?:[a-z\d._~!$&'()*+,;=-]|%[\dA-F]{2})+)(?::\d*)?$/;
const REST = /^(?:[\w.~!$&'()*+,;=:@/?-]|%[\dA-Fa-f]{2})*$/;
