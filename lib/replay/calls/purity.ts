/** Programs that speak with others over a network, or change what is no worktree. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'curl',
  'wget',
  'ssh',
  'scp',
  'sftp',
  'rsync',
  'ftp',
  'nc',
  'ncat',
  'telnet',
  'dig',
  'nslookup',
  'ping',
  'gh',
  'glab',
  'hub',
  'docker',
  'podman',
  'kubectl',
  'helm',
  'terraform',
  'tofu',
  'pulumi',
  'ansible',
  'ansible-playbook',
  'aws',
  'gcloud',
  'az',
  'vault',
  'psql',
  'mysql',
  'mongosh',
  'redis-cli',
  'heroku',
  'apt',
  'apt-get',
  'yum',
  'dnf',
  'apk',
  'brew',
  'systemctl',
  'npx',
  'bunx',
  'pnpx',
  'uvx',
  'pipx',
]);

/** Words of others that do. */
const OUTSIDE_WORDS: Readonly<Record<string, RegExp>> = {
  git: /^(push|fetch|pull|clone|ls-remote|submodule|send-email|lfs)$/,
  npm: /^(i|install|ci|add|update|up|upgrade|publish|audit|login|view|info|outdated|exec|create|init)$/,
  pnpm: /^(i|install|add|update|up|publish|audit|dlx|create|fetch)$/,
  yarn: /^(install|add|up|upgrade|publish|npm|dlx|create)$/,
  bun: /^(install|i|add|update|publish|x|create)$/,
  pip: /^(install|download|search)$/,
  pip3: /^(install|download|search)$/,
  uv: /^(sync|add|pip|lock|tool|publish)$/,
  poetry: /^(install|add|update|lock|publish)$/,
  cargo: /^(install|publish|add|update|fetch|search|login)$/,
  go: /^(get|install|mod)$/,
  gem: /^(install|update|push|fetch)$/,
  bundle: /^(install|update|add)$/,
  composer: /^(install|update|require)$/,
  mvn: /^(deploy|dependency:.*)$/,
  dotnet: /^(restore|add|nuget|publish)$/,
};

/** Words that come before the program that is meant. */
const BEFORE = /^(sudo|env|time|nice|nohup|exec|command|then|do|else|if|while|until|!|\{|[A-Za-z_]\w*=.*)$/;

/**
 * Whether a shell's command is known to reach beyond the worktree. It is a guess by names, and only one for telling what
 * happened: a command it does not know runs without a network, and what it missed shows in its result.
 */
export function isOutsideCommand(command: string): boolean {
  return commandsIn(command).some(reachesOut);
}

/** Words of each simple command, without what is inside quotes broken up. */
function commandsIn(command: string): string[][] {
  const pieces =
    command.match(/'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[^\s;&|()`'"\\]+|[;&|()`\n]|[^\S\n]+/g) ?? [];
  const commands: string[][] = [];
  let words: string[] = [];
  let word = '';
  const endWord = (): void => {
    if (word !== '') words.push(word);
    word = '';
  };
  for (const piece of pieces) {
    if (/^[;&|()`\n]$/.test(piece)) {
      endWord();
      if (words.length > 0) commands.push(words);
      words = [];
    } else if (/^\s+$/.test(piece)) endWord();
    else word += piece.replaceAll(/^['"]|['"]$/g, '');
  }
  endWord();
  return words.length === 0 ? commands : [...commands, words];
}

function reachesOut(words: readonly string[]): boolean {
  const at = words.findIndex((word) => !BEFORE.test(word));
  const program = (words[at] ?? '').replace(/^.*\//, '').replace(/^\$/, '');
  if (OUTSIDE.has(program)) return true;
  const pattern = Object.hasOwn(OUTSIDE_WORDS, program) ? OUTSIDE_WORDS[program] : undefined;
  const word = words
    .slice(at + 1)
    .find((one, i, all) => !one.startsWith('-') && !/^-[Cc]$/.test(all[i - 1] ?? ''));
  return pattern?.test(word ?? '') === true;
}
