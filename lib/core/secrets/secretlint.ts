import type { rules as presetRules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Finding } from './finding.ts';

type Rules = typeof presetRules;
type Context = Parameters<Rules[number]['create']>[0];
type Source = Parameters<NonNullable<ReturnType<Rules[number]['create']>['file']>>[0];

/**
 * secretlint's recommended rules, loaded only when wanted: that takes as long as loading everything else of a hook. The
 * rule that lets a comment in the text switch others off is left out: the text is the agent's, and would decide about itself.
 */
export async function loadSecretlint(): Promise<Rules> {
  const { rules } = await import('@secretlint/secretlint-rule-preset-recommend');
  return rules.filter((rule) => !rule.meta.id.endsWith('-filter-comments'));
}

/**
 * Runs each rule over the content. This is all of a host the rules need: secretlint's own also computes lines and
 * columns, and loading it takes longer than starting git five times.
 */
export async function findWithSecretlint(content: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  // No path: a rule would read the file of that name.
  const source = { content, filePath: '', ext: '', contentType: 'text', hasBOM: false } as Source;
  for (const rule of await loadSecretlint()) {
    const name = rule.meta.id.replace('@secretlint/secretlint-rule-', '');
    const context: Context = {
      sharedOptions: {},
      createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
      report: ({ range: [start, end] }) => {
        if (!isExample(content.slice(start, end))) findings.push({ rule: name, start, end });
      },
      ignore: () => undefined,
    };
    await rule.create(context, optionsOf(rule.meta.id)).file?.(source);
  }
  return findings;
}

/** What a database is set up with, and what documentation writes instead of a password. */
const EXAMPLE =
  /:\/\/(?:(?<user>\w{1,40}):\k<user>|[^:/@\s]{0,100}:(?:password|passwd|pass|pwd|secret|root|admin|test|example|changeme|\*{2,}|x{3,}|\$\{?\w{1,60}\}?|<[^>@]{1,60}>))@/i;

function isExample(found: string): boolean {
  return EXAMPLE.test(found);
}

/** secretlint leaves ids of access keys alone unless asked. */
function optionsOf(rule: string): object {
  return rule.endsWith('-aws') ? { enableIDScanRule: true } : {};
}
