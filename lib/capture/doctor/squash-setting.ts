import { type GitPlace, runGit } from '../../git/process/runner.ts';
import type { Finding } from './finding.ts';

/** A host whose squash merges are known; `other` for one that gives no sign of what it is. */
export type HostKind = 'github' | 'gitlab' | 'other';

const KEEPS: Readonly<Record<HostKind, string>> = {
  github: 'with the default squash message "Default message" or "Pull request title and commit details"',
  gitlab:
    'with %{all_commits} in the template of squash commit messages (its default, the title, drops them)',
  other:
    "where its squash message has the messages of all commits (GitLab's %{all_commits}, GitHub's default)",
};

/** Says which setting of the host keeps the trailers of squashed commits. Nothing where no remote is a host. */
export async function squashFindings(place: GitPlace): Promise<Finding[]> {
  const hosts = await remoteHosts(place);
  const host = hosts.get('origin') ?? [...hosts.values()][0];
  if (host === undefined) return [];
  return [
    {
      check: 'squash merges',
      state: 'ok',
      says: `${host} keeps the trailers ${KEEPS[hostKind(host)]}`,
      hint: 'Without them `git agent-log relink` finds the records by content, and they say `sealed: false`.',
    },
  ];
}

/** What a host is, by its name alone: nobody is asked. */
export function hostKind(host: string): HostKind {
  const labels = host.split('.');
  if (labels.includes('github')) return 'github';
  return labels.includes('gitlab') ? 'gitlab' : 'other';
}

/** The host in a remote's URL, in lower case, without credentials or port; null for a path. */
export function hostOf(url: string): string | null {
  const [, authority] = /^(?:https?|ssh|git|git\+ssh|ssh\+git):\/\/([^/?#]+)/i.exec(url) ?? [];
  // As git reads it: with a slash before the colon it is a path, and so is a drive letter.
  const [, scp] = authority === undefined ? (/^([^/:]{2,}|\[[^\]]+\]):(?!:|\/\/)/.exec(url) ?? []) : [];
  const host = (authority ?? scp)?.replace(/^.*@/, '').replace(/:\d*$/, '').toLowerCase();
  return host === undefined || !/^[a-z0-9.-]+$/.test(host) ? null : host;
}

async function remoteHosts(place: GitPlace): Promise<Map<string, string>> {
  const { stdout } = await runGit(place, { args: ['remote', '-v'] });
  const hosts = new Map<string, string>();
  for (const line of stdout.toString('utf8').split('\n')) {
    const [, name = '', url = ''] = /^(\S+)\t(.*) \(fetch\)/.exec(line) ?? [];
    const host = hostOf(url);
    if (host !== null) hosts.set(name, host);
  }
  return hosts;
}
