import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityFindings } from '../../../lib/capture/doctor/doctor-identities.ts';

let config: string;
let folder: string;

beforeEach(async () => {
  config = await mkdtemp(join(tmpdir(), 'agent-log-config-'));
  folder = join(config, 'git-agent-log', 'identities');
  await mkdir(folder, { recursive: true, mode: 0o700 });
});

afterEach(() => rm(config, { recursive: true, force: true }));

async function put(name: string, mode: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, 'AGE-SECRET-KEY-1QQQQ\n');
  await chmod(path, mode);
  return path;
}

const found = (): ReturnType<typeof identityFindings> => identityFindings({ XDG_CONFIG_HOME: config });

describe('private keys, as doctor looks at them', () => {
  it('says nothing where there are none, and that all is well where only their user can open them', async () => {
    expect(await found()).toEqual([]);
    await put('a.txt', 0o600);
    expect(await found()).toMatchObject([{ check: 'private keys', state: 'ok' }]);
  });

  it.each(['640', '604', '620', '602'])(
    'a key of mode %s: names it, and the command that mends it',
    async (mode) => {
      await put('a.txt', 0o600);
      const path = await put('b.txt', Number.parseInt(mode, 8));
      const findings = await found();
      expect(findings).toMatchObject([
        {
          state: 'bad',
          says: `${path} can be opened by others`,
          hint: expect.stringContaining(`chmod 600 ${path}`) as string,
        },
      ]);
      expect(JSON.stringify(findings)).not.toContain('QQQQ');
    },
  );

  it('a folder others can write to: they could put a key of theirs there', async () => {
    await put('a.txt', 0o600);
    await chmod(folder, 0o770);
    expect(await found()).toMatchObject([
      { state: 'bad', hint: expect.stringContaining(`chmod 700 ${folder}`) as string },
    ]);
  });

  it('a link is not followed: nothing is said of a file that is no key of ours', async () => {
    await put('a.txt', 0o600);
    await symlink('/etc/passwd', join(folder, 'link.txt'));
    expect(await found()).toMatchObject([{ state: 'ok' }]);
  });

  it('a path with a blank and a quote comes out whole in a shell', async () => {
    const path = await put("it's mine.txt", 0o644);
    const [finding] = await found();
    expect(finding?.hint).toContain(`chmod 600 '${path.replace("'", "'\\''")}'`);
  });
});
