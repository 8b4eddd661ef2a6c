import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, said, saidLines } from '../../../lib/evidence/page/html.ts';
import { renderPage } from '../../../lib/evidence/page/page.ts';
import { change, evidenceDiffs, evidenceDocument, FIRST, SECOND } from '../../support/evidence-document.ts';
import { HOSTILE_TEXTS, hostileDocument, withTexts } from '../../support/hostile-document.ts';
import { schemaProblems } from '../../support/schema.ts';

const page = renderPage(evidenceDocument(), evidenceDiffs());

/** The page without its own style, script and data. */
function bodyOf(source: string): string {
  return source.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<script type[\s\S]*$/, '');
}

/** Names of elements and attributes, in their order: all that markup is. */
function skeleton(source: string): string[] {
  return [...bodyOf(source).matchAll(/<(\/?[a-z!][a-z0-9-]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*>/g)].map(
    ([, name, attributes = '']) => {
      const names = [...attributes.matchAll(/([a-zA-Z-]+)(?:="[^"]*")?/g)].map((match) => match[1]);
      return `${name} ${names.join(' ')}`.trim();
    },
  );
}

/** Marks of what was made visible or cut come and go with the texts. */
function withoutMarks(source: string): string {
  return source.replaceAll(/<span class="(unseen|cut)">([^<]*)<\/span>/g, '$2');
}

describe('renderPage', () => {
  it('draws a document of its schema', () => {
    expect(schemaProblems(evidenceDocument())).toEqual([]);
    expect(schemaProblems(hostileDocument(evidenceDocument()))).toEqual([]);
  });

  it('gives the same bytes for the same document', () => {
    expect(renderPage(evidenceDocument(), evidenceDiffs())).toBe(page);
  });

  it('allows its own script and style, and nothing else', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(page) ?? [];
    expect(script.length).toBeGreaterThan(1000);
    expect(policy.replaceAll('&#39;', "'").split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(script)}`,
      `style-src ${hash(style)}`,
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ]);
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
  });

  it('names nothing to fetch and nothing to run', () => {
    const body = bodyOf(page);
    expect(body).not.toMatch(/\s(on[a-z]+|style|src|srcset|action|data|ping)=/);
    expect([...body.matchAll(/\shref="([^"]*)"/g)].filter(([, target]) => target?.[0] !== '#')).toEqual([]);
  });

  it.each(HOSTILE_TEXTS)('attack: keeps %j text, wherever it stands', (text) => {
    const plain = renderPage(
      withTexts(evidenceDocument(), () => 'x'.repeat(text.length)),
      evidenceDiffs(),
    );
    const hostile = renderPage(
      withTexts(evidenceDocument(), () => text),
      evidenceDiffs(),
    );
    expect(skeleton(withoutMarks(hostile))).toEqual(skeleton(withoutMarks(plain)));
  });

  it('attack: has the same markup whatever the texts are', () => {
    const anyText = fc.string({
      unit: fc.oneof(
        fc.constantFrom('<', '>', '"', "'", '&', '/', '=', '-', ' ', 'a', '\u202e'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(anyText, (text) => {
        const head = 'diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n';
        const drawnWith = (one: string, line: string): string[] =>
          skeleton(
            withoutMarks(
              renderPage(
                withTexts(evidenceDocument(), () => one),
                new Map([[FIRST, `${head}+${line}\n`]]),
              ),
            ),
          );
        expect(drawnWith(text, text.replaceAll('\n', ''))).toEqual(drawnWith('w'.repeat(text.length), 'y'));
      }),
      { numRuns: 15 },
    );
  });

  it('attack: nothing gets out of the data of its script', () => {
    const document = evidenceDocument({ changes: [change({ record: 'sha256:</script><!--\u2028' })] });
    const source = renderPage(document, new Map());
    const [, data = ''] =
      /<script type="application\/json" id="drawn">([\s\S]*?)<\/script>/.exec(source) ?? [];
    expect(JSON.parse(data)).toMatchObject({ records: ['sha256:</script><!--\u2028'] });
    expect(data).not.toMatch(/[<>\u2028]/);
  });

  it('attack: stays readable in size for enormous documents, and says what it leaves out', () => {
    const [call] = change().toolCalls;
    const many = change({
      toolCalls: Array.from({ length: 100_000 }, () => ({ ...call, args: 'x'.repeat(100) })) as ReturnType<
        typeof change
      >['toolCalls'],
      prompts: Array.from({ length: 500 }, () => ({
        text: 'y'.repeat(30_000),
        digest: call?.argsDigest ?? '',
        at: '2026-11-20T09:02:11Z',
      })),
      files: Array.from({ length: 50_000 }, (_, i) => ({ path: `src/${i}.ts`, by: 'agent', classes: [] })),
      subject: 'z'.repeat(1_000_000),
    });
    const changes = [many, ...Array.from({ length: 299 }, () => change({ commit: SECOND }))];
    const diff = `diff --git a/src/0.ts b/src/0.ts\n--- a/src/0.ts\n+++ b/src/0.ts\n@@ -1 +1 @@\n${'+line\n'.repeat(200_000)}`;
    const started = performance.now();
    const source = renderPage(evidenceDocument({ changes }), new Map([[FIRST, diff]]));
    expect(source.length).toBeLessThan(40_000_000);
    expect(performance.now() - started).toBeLessThan(20_000);
    for (const left of [
      '99,700 more tool calls, in evidence.json',
      '49,500 more files, in evidence.json',
      '200 more commits, in evidence.json',
      '199,401 more lines',
    ])
      expect(source).toContain(left);
  });

  it('says of a text that is not there why', () => {
    expect(page).toContain('it is sealed for others, and whoever made this had no key to it');
    expect(page).toContain('Result not shown: it was left out: over a limit');
  });

  it('says where to look when there is no bundle, and offers no check of one', () => {
    const alone = renderPage(evidenceDocument(), evidenceDiffs(), { command: 'git agent-log show --json' });
    expect(alone).not.toContain('id="check"');
    expect(alone).toContain('Drawn from git agent-log show --json');
  });

  it('draws a document that says next to nothing', () => {
    const empty = evidenceDocument({
      txns: [],
      changes: [],
      mergeRequests: [],
      decisions: [],
      approvals: [],
      diffs: [],
      rollbacks: [],
      requests: [],
      missing: [],
      repository: { format: 'sha256', roots: [], target: null },
      ledger: { ref: 'refs/notes/agent-log', tip: null },
    });
    const source = renderPage(empty, new Map());
    for (const words of [
      'Nobody is named',
      'Nothing is on record.',
      'No check',
      'No approval',
      'nothing listed',
    ])
      expect(source).toContain(words);
  });
});

describe('html', () => {
  it('attack: makes no markup of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(html`<a title="${text}">${text}</a>`.source).toMatch(/^<a title="[^<>"]*">[^<>]*<\/a>$/);
        const inner = /^<bdi>(.*)<\/bdi>$/s.exec(said(text).source)?.[1] ?? '<';
        expect(inner.replaceAll(/<span class="(unseen|cut)">|<\/span>/g, '')).not.toMatch(/[<>]/);
        expect(saidLines(text, 100).source).toMatch(/^<pre class="said prose" dir="auto">/);
      }),
    );
  });

  it('cuts what is long and says how much', () => {
    expect(said('abcdef', 4).source).toBe('<bdi>abcd<span class="cut">… 2 more characters</span></bdi>');
  });
});
