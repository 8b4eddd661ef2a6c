import type { SignatureRecord } from '../../core/records/record.ts';
import { ROSTER_PATH } from '../../identity/roster/read.ts';
import type { EvidenceNote, Readable, SignedRecord, TargetFile } from './evidence.ts';

/** The repository that the proof is unpacked to, and no other. */
const IN_COPY = 'export GIT_DIR="$work/repo.git" GIT_NO_REPLACE_OBJECTS=1';

/** As many gaps are listed; the manifest has them all. */
const MOST_GAPS = 100;

/**
 * The README of a bundle: what was asked, how complete the answer is, and steps that verify it without this tool. Whatever came
 * from the repository stands in quotes as text; nothing but object ids goes into a command.
 */
export function readme(evidence: Readable, isSigned: boolean): string {
  return [
    ...head(evidence),
    ...contents(evidence),
    ...missing(evidence),
    ...steps(evidence, isSigned),
    ...limits(evidence),
  ].join('\n');
}

function head({ document, texts }: Readable): string[] {
  const { question, madeAt, repository, ledger, txns, changes } = document;
  const classes = question.classes.length === 0 ? '' : `, touching ${question.classes.join(', ')}`;
  return [
    '# Evidence',
    '',
    `| | |`,
    `| --- | --- |`,
    `| Question | ${question.kind}${classes}: ${quoted(question.name)} |`,
    `| Made at | ${madeAt} |`,
    `| Repository | root ${repository.roots.map(quoted).join(', ') || 'unknown'} |`,
    `| Target | ${repository.target === null ? 'none' : `${quoted(repository.target.ref)} at ${quoted(repository.target.commit)}`} |`,
    `| Ledger | ${ledger.tip === null ? 'none in the clone it was made in' : quoted(ledger.tip)} |`,
    `| Commits | ${changes.length} |`,
    `| Transactions | ${txns.map(({ txn, state }) => `${quoted(txn)} (${state})`).join(', ') || 'none'} |`,
    `| Texts in clear | ${texts.length} (texts.json, evidence.json) |`,
    '',
  ];
}

function contents({ notes, signed, diffs, targetFiles, history, texts }: Readable): string[] {
  return [
    '## What is in it',
    '',
    'What git and signatures prove:',
    '',
    '- `proof.pack`: commits, trees, and the objects of the ledger that show where each line lies',
    `- \`records/\`: notes of the ledger (${notes.length}), each line as it is stored; of a note that others share, only the lines of this question`,
    `- \`signatures/\`: signed records (${signed.length}), their signatures, and the keys the target gives people and pipelines`,
    `- \`target/\`: files that decide (${targetFiles.length}: policy, sponsors, code owners) at the commits of the target that decisions name`,
    ...(texts.length === 0
      ? []
      : [
          '- `texts.json`: what was asked, said and done, as far as whoever made this may read it, with what it takes to compute each digest again',
        ]),
    ...(history === null ? [] : ['- `history.bundle`: all of history, for `git clone`']),
    '',
    'What was worked out from it, for people to read:',
    '',
    '- `index.html`: all of this as a page, which opens from disk',
    '- `evidence.json`: who, what, decisions, approvals, what undoing it would do, and what is missing',
    `- \`diffs/\`: what the commits changed (${diffs.size})`,
    '- `population.csv`: the records of agents in it, numbered and counted, with the commit of the ledger they were read at: to draw samples from',
    '- `attestations.intoto.jsonl`: the same as in-toto statements; `controls.json`: which control asks for what, and where it is',
    '- `manifest.json` and `SHA256SUMS`: every file with its size and digest',
    '',
  ];
}

function missing({ document }: Readable): string[] {
  const all = document.missing;
  if (all.length === 0) return ['## What is missing', '', 'Nothing that is looked for.', ''];
  const rows = all
    .slice(0, MOST_GAPS)
    .map(
      ({ kind, of, why, exception }) =>
        `| ${kind} | ${quoted(of)} | ${quoted(why)} | ${exception === null ? '' : quoted(exception.slice(0, 12))} |`,
    );
  const more =
    all.length > MOST_GAPS ? ['', `and ${all.length - MOST_GAPS} more: manifest.json has them all.`] : [];
  return [
    '## What is missing',
    '',
    '| what | of | why | exception |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...more,
    '',
  ];
}

function steps(evidence: Readable, isSigned: boolean): string[] {
  const { document, notes, signed, targetFiles, proof } = evidence;
  const { tip } = document.ledger;
  const commits = document.changes.map(({ commit }) => commit);
  return [
    '## Verify it without trusting whoever made it',
    '',
    '`git agent-log verify <this bundle>` does all of this and more. By hand it takes git, ssh-keygen (OpenSSH 9.1 or later) and sha256sum: run',
    'the following in the folder this file is in, with bash, one after the other. Each step runs in a shell of its own: one that fails says so,',
    'and changes nothing of yours.',
    '',
    ...block(
      'Every file is the one the manifest names:',
      ['sha256sum -c --quiet SHA256SUMS', 'echo "digests: ok"'],
      ['failed=', 'work=$(mktemp -d)'],
    ),
    ...(isSigned
      ? block('The manifest is signed by the key that is printed:', [
          'ssh-keygen -Y check-novalidate -n bundle@git-agent-log -s manifest.json.sig < manifest.json',
        ])
      : []),
    ...(proof === null
      ? []
      : block('The objects are what their ids say; git computes every id anew:', [
          `git init -q --bare --object-format=${document.repository.format} "$work/repo.git"`,
          IN_COPY,
          'git index-pack --stdin < proof.pack',
        ])),
    ...(tip === null || notes.length === 0 ? [] : inLedger(tip, notes)),
    ...(proof === null || notes.length === 0 ? [] : seals(commits)),
    ...(targetFiles.length === 0
      ? []
      : block('Policy, people and owners are those of the target:', [
          IN_COPY,
          ...eachOf(
            'commit path',
            targetFiles.map(({ commit, path }) => `${commit} ${path}`),
            ['  git cat-file blob "$commit:$path" | cmp - "target/$commit/$path"'],
          ),
          'echo "target: ok"',
        ])),
    ...(hasSignature(signed, 'sshsig') ? signatureSteps(evidence) : []),
    ...(hasSignature(signed, 'openpgp') ? openpgpSteps(evidence) : []),
    ...outcome(),
  ];
}

function inLedger(tip: string, notes: readonly EvidenceNote[]): string[] {
  return block(
    "Each note lies in the ledger's commit, and holds these lines. Compare the commit with your own: `git ls-remote <repository> refs/notes/agent-log`",
    [
      IN_COPY,
      `tip=${tip}`,
      ...eachOf(
        'object path blob whole',
        notes.map(({ object, path, blob, isWhole }) => `${object} ${path} ${blob} ${isWhole ? 'yes' : 'no'}`),
        [
          '  test "$(git rev-parse "$tip:$path")" = "$blob"',
          '  if test "$whole" = yes; then git cat-file blob "$blob" | cmp - "records/$object.jsonl"; fi',
        ],
      ),
      'echo "ledger: ok"',
    ],
  );
}

/** A record that is not here may be in another commit's note that nobody asked for: it is said, and is no failure. */
function seals(commits: readonly string[]): string[] {
  return block('What a commit says of its record is the digest of a line:', [
    IN_COPY,
    'cat records/*.jsonl | while IFS= read -r line; do',
    '  printf %s "$line" | sha256sum | cut -c1-64',
    'done > "$work/digests"',
    ...eachOf('commit', commits, [
      '  git cat-file commit "$commit" 2>/dev/null | grep -aoiE "Agent-Record:[[:space:]]*sha256:[0-9a-f]{64}" | grep -oE "[0-9a-f]{64}" |',
      '  while read -r digest; do',
      '    if grep -q "$digest" "$work/digests"; then echo "$commit names sha256:$digest: here"',
      '    else echo "$commit names sha256:$digest: NOT HERE"; fi',
      '  done || true',
    ]),
  ]);
}

function signatureSteps({ document, targetFiles }: Readable): string[] {
  const { target } = document.repository;
  const roster = targetFiles.find(({ commit, path }) => commit === target?.commit && path === ROSTER_PATH);
  return block(
    'Signatures are over the digest of a line, and the keys are those the target gives people and pipelines:',
    [
      ...(roster === undefined ? [] : keySteps(roster)),
      'for signed in signatures/*.signed; do',
      '  name=${signed%.signed}',
      '  test "$(cat "$signed")" = "sha256:$(sha256sum < "$name.line" | cut -c1-64)"',
      '  for signature in "$name".*.sig; do',
      '    if who=$(ssh-keygen -Y find-principals -s "$signature" -f signatures/allowed_signers 2>/dev/null); then',
      '      ssh-keygen -Y verify -f signatures/allowed_signers -I "${who%%[[:space:]]*}" -n agent-log -s "$signature" < "$signed"',
      '    else echo "$signature: by a key the target gives nobody"; fi',
      '  done',
      'done',
    ],
  );
}

function hasSignature(signed: readonly SignedRecord[], wanted: SignatureRecord['format']): boolean {
  return signed.some(({ signatures }) => signatures.some(({ format }) => format === wanted));
}

/** gpg's home is made anew: the auditor's own keys say nothing of whom the target trusts. */
function openpgpSteps({ openpgpKeys }: Readable): string[] {
  if (openpgpKeys.length === 0) return [];
  return block('OpenPGP signatures are over that digest with a line before it:', [
    'export GNUPGHOME="$work/gnupg"; mkdir -m 700 "$GNUPGHOME"',
    'gpg -q --batch --import signatures/keys.gpg',
    'for signature in signatures/*.asc; do',
    '  name=${signature%.*.asc}',
    '  test "$(tail -n 1 "$name.pgp")" = "sha256:$(sha256sum < "$name.line" | cut -c1-64)"',
    '  gpg -q --batch --verify "$signature" "$name.pgp" 2>&1',
    'done',
  ]);
}

/** A key may be written with any comment and any number of blanks: what tells it is its base64. */
function keySteps({ commit, path }: Pick<TargetFile, 'commit' | 'path'>): string[] {
  return [
    'while read -r who options type key; do',
    `  grep -qF "$key" target/${commit}/${path} || { echo "no key of the target: $key"; exit 1; }`,
    'done < signatures/allowed_signers',
  ];
}

function limits({ document }: Readable): string[] {
  return [
    '## What this can not show',
    '',
    '- That nothing was left out before it was recorded: an agent that was never recorded has no record.',
    `- That the ledger was never rewritten: that takes its history. ${document.ledger.tip === null ? '' : 'With a clone: `git agent-log verify --all`.'}`.trimEnd(),
    '- When something was said: times are those of the machine that said it.',
    '- Texts that are erased, sealed with a key whoever made this has not, or left out. Their digests are in the records: a text in `texts.json` is',
    '  HMAC-SHA256 of its UTF-8 bytes, with the bytes of `salt` (base64) as the key.',
    '- `index.html`, `evidence.json` and the attestations vouch for nothing by themselves. `git agent-log verify` of the version that made them makes',
    '  them again and compares; manifest.json tells which version that is.',
    '',
  ];
}

/**
 * A step in a shell of its own, so that whoever pastes it keeps theirs. What comes `before` holds for the steps after it, too.
 * The exit code is looked at afterwards: `set -e` means nothing on the left of `||`.
 */
function block(title: string, lines: readonly string[], before: readonly string[] = []): string[] {
  const inOwn = ['(', 'set -eu', ...lines, ')', 'test $? -eq 0 || { failed=yes; echo "FAILED"; }'];
  return [title, '', '```sh', ...before, ...inOwn, '```', ''];
}

function outcome(): string[] {
  const lines = [
    'rm -rf "${work:?}"',
    'if test -z "$failed"; then echo "all steps: ok"; else echo "a step FAILED"; false; fi',
  ];
  return ['What it came to:', '', '```sh', ...lines, '```', ''];
}

/** A loop over lines of words; the words are object ids and paths of ours, none of which a shell would read otherwise. */
function eachOf(names: string, words: readonly string[], body: readonly string[]): string[] {
  return [`while read -r ${names}; do`, ...body, "done <<'END'", ...words, 'END'];
}

/** Text from outside as code, on one line of a table: what would end either is replaced. */
function quoted(text: string): string {
  const plain = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}`|\\]+/gu, ' ').trim();
  return plain === '' ? '' : `\`${plain.slice(0, 400)}\``;
}
