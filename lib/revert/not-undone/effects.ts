/** A tool call as far as it tells of effects outside of git. */
export interface EffectCall {
  readonly name: string;
  readonly status: string;
  /** Its arguments, where this clone has them. */
  readonly text: string | null;
}

/** `pivot`: nobody can take it back. `mutating`: something outside was changed, and somebody may change it back. */
type Effect = 'pivot' | 'mutating';

const PIVOTS = [
  'npm publish',
  'pnpm publish',
  'yarn publish',
  'yarn npm publish',
  'bun publish',
  'cargo publish',
  'twine upload',
  'poetry publish',
  'uv publish',
  'hatch publish',
  'flit publish',
  'gem push',
  'mvn deploy',
  'gradle publish',
  'dotnet nuget push',
  'docker push',
  'podman push',
  'helm push',
  'gh release create',
  'glab release create',
  'goreleaser release',
  'vsce publish',
  'prisma migrate deploy',
  'prisma db push',
  'alembic upgrade',
  'rails db:migrate',
  'rake db:migrate',
  'flyway migrate',
  'liquibase update',
  'knex migrate:latest',
  'sequelize db:migrate',
] as const;

const MUTATING = [
  'terraform apply',
  'terraform destroy',
  'terraform import',
  'tofu apply',
  'tofu destroy',
  'pulumi up',
  'pulumi destroy',
  'cdk deploy',
  'cdk destroy',
  'sam deploy',
  'serverless deploy',
  'kubectl apply',
  'kubectl create',
  'kubectl delete',
  'kubectl edit',
  'kubectl patch',
  'kubectl replace',
  'kubectl scale',
  'kubectl set',
  'kubectl rollout',
  'helm install',
  'helm upgrade',
  'helm uninstall',
  'helm rollback',
  'ansible-playbook',
  'vercel deploy',
  'netlify deploy',
  'fly deploy',
  'flyctl deploy',
  'gcloud app deploy',
  'gcloud run deploy',
  'aws s3 cp',
  'aws s3 mv',
  'aws s3 rm',
  'aws s3 sync',
  'gh pr create',
  'gh pr merge',
  'gh pr close',
  'gh pr comment',
  'gh pr review',
  'gh issue create',
  'gh issue close',
  'gh issue comment',
  'gh workflow run',
  'gh secret set',
  'gh repo create',
  'gh repo delete',
  'glab mr create',
  'glab mr merge',
  'git push',
] as const;

const KNOWN: ReadonlyMap<string, Effect> = new Map([
  ...PIVOTS.map((words) => [words, 'pivot'] as const),
  ...MUTATING.map((words) => [words, 'mutating'] as const),
]);

const SAYS: Readonly<Record<Effect, string>> = {
  pivot: 'nobody can take that back (pivot)',
  mutating: 'what it changed outside stays (mutating)',
};

/**
 * What tool calls did outside of the files, in words: by the programs they ran, never with their arguments, which may hold
 * anything. What can't be told is said to be so.
 */
export function effectsOf(calls: readonly EffectCall[]): string[] {
  const found = new Map<string, Effect>();
  let unknown = 0;
  const tools = new Set<string>();
  for (const { name, text } of calls) {
    if (name.startsWith('mcp__')) tools.add(name);
    else if (isShell(name) && text === null) unknown++;
    else if (isShell(name))
      for (const command of commandsIn(text ?? ''))
        for (const [words, effect] of effectsIn(command)) found.set(words, effect);
  }
  return [
    ...[...found].map(([words, effect]) => `the agent ran ${words}: ${SAYS[effect]}`),
    ...(tools.size === 0 ? [] : [`${namesOf(tools)}: what these tools changed outside is not known`]),
    ...(unknown === 0
      ? []
      : [
          `${unknown === 1 ? '1 command' : `${unknown} commands`} of the agent: not in this clone, so what ${unknown === 1 ? 'it' : 'they'} did is not known`,
        ]),
  ];
}

const MOST_TOOLS = 5;

function namesOf(tools: ReadonlySet<string>): string {
  const names = [...tools].slice(0, MOST_TOOLS).map((name) => name.slice(0, 80));
  return `${names.join(', ')}${tools.size > MOST_TOOLS ? ` and ${tools.size - MOST_TOOLS} more` : ''}`;
}

function isShell(name: string): boolean {
  return /^(run|sh|bash|shell|powershell|terminal|exec|exec_command|local_shell|execute_bash|run_shell_command|run_terminal_cmd|run_command)$/i.test(
    name,
  );
}

const MAX_TEXT = 256 * 1024;

/** The commands in a call's arguments: JSON with a command in it, or the command line itself. */
function commandsIn(text: string): string[] {
  const whole = text.slice(0, MAX_TEXT);
  if (!/^\s*\{/.test(whole)) return [whole];
  try {
    const { command, cmd, script } = JSON.parse(whole) as Record<string, unknown>;
    return [command, cmd, script].flatMap((value) => {
      if (Array.isArray(value)) return [value.filter((word) => typeof word === 'string').join(' ')];
      return typeof value === 'string' ? [value] : [];
    });
  } catch {
    // Cut off, or no JSON after all: then it is what it is.
    return [whole];
  }
}

/** What the parts of a command line do outside. */
function effectsIn(line: string): [string, Effect][] {
  return line
    .replaceAll(/\\\n/g, ' ')
    .split(/[\n;|&()`]+/)
    .flatMap((part) => effectOf(wordsOf(part)));
}

/** Words that only say how a command is run. */
const AROUND = /^(\w+=.*|sudo|env|time|nohup|exec|command|npx|bunx|bundle|uvx|then|do|else|-\w+|[{!])$/;
const MAX_WORDS = 200;

/** Words of a command after what only says how it is run; of `sh -c '…'` those inside. */
function wordsOf(part: string): string[] {
  const words = part.trim().replaceAll(/['"]/g, '').split(/\s+/, MAX_WORDS).filter(Boolean);
  const isShellAt = (at: number): boolean =>
    /^(\S*\/)?(ba|z|da)?sh$/.test(words[at] ?? '') && /^-\w*c$/.test(words[at + 1] ?? '');
  let at = 0;
  while (at < words.length && (AROUND.test(words[at] ?? '') || isShellAt(at))) at += isShellAt(at) ? 2 : 1;
  return [(words[at] ?? '').replace(/^.*\//, ''), ...words.slice(at + 1)];
}

function effectOf(words: readonly string[]): [string, Effect][] {
  if (words.some((word) => /^--?(dry-run|help|version|check)(=.*)?$/.test(word))) return [];
  const [program = ''] = words;
  if (program === 'curl' || program === 'wget' || program === 'http' || program === 'https')
    return isSending(program, words)
      ? [[`${program} with a request that changes something`, 'mutating']]
      : [];
  // Options may stand between a program and its verb, with a value of their own.
  const plain = words.filter((word) => !word.startsWith('-'));
  for (const length of [4, 3, 2])
    for (const skip of [0, 1]) {
      const name = [program, ...plain.slice(1 + skip, length + skip)].join(' ');
      const effect = KNOWN.get(name);
      if (effect !== undefined) return [[name, effect]];
    }
  const effect = KNOWN.get(program);
  return effect === undefined ? [] : [[program, effect]];
}

function isSending(program: string, words: readonly string[]): boolean {
  const method = words.some((word, i) =>
    /^(-X|--request|--method)$/.test(word)
      ? /^(post|put|patch|delete)$/i.test(words[i + 1] ?? '')
      : /^(-X|--request=|--method=)?(POST|PUT|PATCH|DELETE)$/i.test(word),
  );
  const reads = words.some(
    (word, i) => /^-X?(GET|HEAD)$/i.test(word) || (word === '-X' && /^get$/i.test(words[i + 1] ?? '')),
  );
  const data =
    /^(-d|-F|-T|--data(-\w+)?|--form|--json|--upload-file|--post-data|--post-file|--body-data)(=.*)?$/;
  return method || (!reads && program !== 'http' && words.some((word) => data.test(word)));
}
