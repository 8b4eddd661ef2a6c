import { renderPage } from '../page/page.ts';
import type { BundleFile, Evidence } from './evidence.ts';

/** The page people open. */
export function pagePart({ document, diffs }: Pick<Evidence, 'document' | 'diffs'>): BundleFile[] {
  const html = renderPage(document, diffTexts(diffs));
  return [{ path: 'index.html', bytes: Buffer.from(html, 'utf8') }];
}

/** Diffs as text: what is no UTF-8 in them is shown as that. */
export function diffTexts(diffs: Evidence['diffs']): Map<string, string> {
  return new Map([...diffs].map(([commit, bytes]) => [commit, Buffer.from(bytes).toString('utf8')]));
}
