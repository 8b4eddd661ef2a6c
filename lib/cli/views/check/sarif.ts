import { createHash } from 'node:crypto';
import { escapeTerminal, wellFormed } from '../../../core/escape.ts';
import type { CheckDecision, CheckDocument } from '../../../core/generated/check-v1.types.ts';
import { groupDecisions, reasonsOf, toldBy, verdictWord } from './groups.ts';

/**
 * SARIF 2.1.0 of what did not pass. Hosts show every result of a file as a finding, whatever its kind: so what passed, was waived
 * or does not apply is not in it.
 */
export function checkSarif(document: CheckDocument, version: string): string {
  const { denies, warns } = groupDecisions(document);
  const open = [...denies, ...warns];
  const ids = [...new Set(open.map(({ rule }) => rule))];
  const byId = new Map(open.map((decision) => [decision.rule, decision]));
  const driver = {
    name: 'git-agent-log',
    semanticVersion: version,
    rules: ids.map((id) => ruleOf(id, byId.get(id))),
  };
  const run = {
    tool: { driver },
    automationDetails: { id: `agent-log/${document.stage}/` },
    invocations: [{ executionSuccessful: true }],
    results: open.map((decision) => resultOf(decision, ids.indexOf(decision.rule), document)),
    properties: { verdict: document.verdict, head: document.subject.head, run: document.run },
  };
  const $schema = 'https://json.schemastore.org/sarif-2.1.0.json';
  return `${JSON.stringify({ $schema, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

function ruleOf(id: string, decision: CheckDecision | undefined): object {
  return {
    id: plain(id),
    properties: {
      'security-severity': SCORES[decision?.severity ?? 'medium'],
      tags: ['agent-log', ...(decision?.controls ?? []).map(plain)],
    },
  };
}

/** As GitHub reads them: from 9 on critical, from 7 on high, from 4 on medium. */
const SCORES: Readonly<Record<CheckDecision['severity'], string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
};

function resultOf(decision: CheckDecision, ruleIndex: number, { policy }: CheckDocument): object {
  const { rule, denies, enforce, hint } = decision;
  const mend = hint === null ? [] : [`To mend it: ${hint}`];
  const words = [...reasonsOf(decision), ...[toldBy(decision)].filter((by) => by !== null), ...mend];
  return {
    ruleId: plain(rule),
    ruleIndex,
    level: denies ? 'error' : enforce === 'audit' ? 'note' : 'warning',
    message: { text: plain(words.join('\n')) || verdictWord(decision) },
    // A finding without a place is not shown by every host.
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(plain(policy.path)) },
          region: { startLine: 1 },
        },
      },
    ],
    partialFingerprints: {
      'agentLogRule/v1': createHash('sha256')
        .update(`${decision.source.tool}\0${rule}\0${decision.message ?? ''}`)
        .digest('hex'),
    },
  };
}

/** Text from outside: no control characters, and none of SARIF's own links, which a viewer would make clickable. */
function plain(text: string): string {
  return wellFormed(escapeTerminal(text, true)).replaceAll('](', '] (');
}
