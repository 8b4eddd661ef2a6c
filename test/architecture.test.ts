import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const lib = fileURLToPath(new URL('../lib/', import.meta.url));

/** From the ground up. Rooms on one floor never import one another. */
const FLOORS = [
  ['core'],
  ['git'],
  ['ledger'],
  ['identity'],
  ['capture', 'policy', 'revert', 'replay', 'evidence', 'oversight'],
  ['cli'],
];

/** Packages and the files that may load them. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  commander: /^cli\//,
  chalk: /^cli\//,
  'age-encryption': /^identity\/recipients\//,
  '@noble/curves/ed25519.js': /^identity\/recipients\/age-ssh\.ts$/,
  '@marcbachmann/cel-js': /^policy\/rules\/cel\.ts$/,
  fflate: /^evidence\/bundle\/zip\.ts$/,
  'isomorphic-git': /^git\/far\/(packs|memory-files)\.ts$/,
  yaml: /^(core\/yaml\/|revert\/(kinds|checks)\/)/,
  'smol-toml': /^(capture\/install\/agents\/codex-trust\.ts$|revert\/(kinds|checks)\/)/,
  '@noble/hashes/sha2.js': /^evidence\/page\/browser\//,
  '@noble/hashes/utils.js': /^evidence\/page\/browser\//,
  '@secretlint/secretlint-rule-preset-recommend': /^core\/secrets\/secretlint\.ts$/,
};

/** Who starts processes besides git/, and why. */
const STARTS_PROCESSES: Readonly<Record<string, string>> = {
  'capture/install/agents/opencode-plugin.ts':
    'is the text of a plugin, which hands events to the spool script',
  'capture/transaction/manual.ts': 'runs the command the user gave to `run`',
  'identity/recipients/key-command.ts': 'runs the program the user configured to wrap and unwrap keys',
  'identity/signatures/gpg.ts': 'signs and checks with gpg: OpenPGP has no other implementation here',
  'identity/signatures/ssh-signature.ts': "signs with the user's own program, as git would",
  'replay/containment/run-limited.ts': 'runs recorded commands, shut in',
  'cli/terminal/pager.ts': "runs the user's pager",
  'cli/terminal/browser.ts': "opens a page with the user's browser, as git would",
  'capture/install/agents/amp.ts': 'the text of a plugin, which Amp runs',
  'revert/running/run-command.ts': 'runs what the user configured to verify, to format and to regenerate',
};

interface Source {
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const names = await readdir(lib, { recursive: true });
const sources = await Promise.all(
  names
    .filter((name) => name.endsWith('.ts'))
    .map(async (file): Promise<Source> => {
      const text = await readFile(join(lib, file), 'utf8');
      return {
        file,
        room: file.includes('/') ? (file.split('/')[0] ?? '') : '',
        text,
        imports: importsOf(text),
      };
    }),
);
const written = sources.filter(({ file }) => !file.startsWith('core/generated/'));

function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:^(?:import|export)\s[^'"]*?from\s+|^import\s+|\bimport\()'([^']+)'/gm);
  return [...found].map((match) => match[1] ?? '');
}

function roomOf(file: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const target = relative(lib, normalize(join(lib, dirname(file), specifier)));
  return target.includes('/') ? (target.split('/')[0] ?? '') : '';
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** Every import a rule finds fault with, as `file -> what`. */
function offenders(bad: (source: Source, specifier: string) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports.filter((specifier) => bad(source, specifier)).map((what) => `${source.file} -> ${what}`),
  );
}

function filesWith(pattern: RegExp, within: RegExp = /^/): string[] {
  return written.filter(({ file, text }) => within.test(file) && pattern.test(text)).map(({ file }) => file);
}

describe('the rooms of lib/', () => {
  it('are all on a floor, and their imports are seen', () => {
    expect(sources.filter(({ room }) => room !== '' && floorOf(room) < 0)).toEqual([]);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
    expect(sources.filter(({ room }) => room === '').map(({ file }) => file)).toEqual(['index.ts']);
  });

  it('import only what lies below them', () => {
    const upward = offenders(({ file, room }, specifier) => {
      const target = roomOf(file, specifier);
      return target !== null && room !== '' && target !== room && floorOf(target) >= floorOf(room);
    });
    expect(upward).toEqual([]);
  });

  it('are offered as a library without the command line', () => {
    expect(offenders(({ file, room }, what) => room === '' && roomOf(file, what) === 'cli')).toEqual([]);
    expect(offenders(({ file, room }, what) => room !== '' && roomOf(file, what) === '')).toEqual([]);
  });
});

describe('packages', () => {
  it('are loaded only where they belong', () => {
    const foreign = offenders(({ file }, specifier) => {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return false;
      return PACKAGES[specifier]?.test(file) !== true;
    });
    expect(foreign).toEqual([]);
  });

  it('never include a schema compiler at run time', () => {
    expect(sources.filter(({ text }) => /\bajv\/|require\(/.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('load secretlint only when there is a text to look at', () => {
    expect(filesWith(/^import\s(?!type)[^\n]*'@secretlint/m)).toEqual([]);
  });
});

describe('processes', () => {
  it('are started by git/ alone', () => {
    const starting = offenders(
      ({ file, room }, what) =>
        what.includes('child_process') && room !== 'git' && !(file in STARTS_PROCESSES),
    );
    expect(starting).toEqual([]);
    const used = Object.keys(STARTS_PROCESSES).filter((file) => filesWith(/child_process/).includes(file));
    expect(used, 'an exception nobody needs any more').toEqual(Object.keys(STARTS_PROCESSES));
  });

  it('are started without a shell and without blocking', () => {
    expect(filesWith(/\bshell: true\b/)).toEqual([]);
    expect(filesWith(/\b(exec|execFile|spawn)Sync\b/)).toEqual([]);
    expect(filesWith(/(?<![.\w])exec\(/)).toEqual([]);
    expect(filesWith(/import (?!\{ (type \w+, )*spawn \} from)[^\n]*child_process/)).toEqual([]);
  });
});

describe('core', () => {
  it('touches neither files nor clock nor process', () => {
    expect(offenders(({ room }, what) => room === 'core' && /^node:(?!crypto$|buffer$)/.test(what))).toEqual(
      [],
    );
    expect(
      filesWith(/\bDate\.now\b|new Date\(\)|\bprocess\.|\bMath\.random\b|\bconsole\./, /^core\//),
    ).toEqual([]);
  });
});

describe('the page of a bundle', () => {
  it('is written in ASCII: a bundle of the program does not keep other letters in its templates', () => {
    expect(filesWith(/[^\0-\x7f]/, /^evidence\/page\/[^/]+$/)).toEqual([]);
  });
});

describe('the library', () => {
  it('neither prints nor exits: that is for cli/', () => {
    expect(filesWith(/\bconsole\.|process\.(exit|stdout|stderr)\b/, /^(?!cli\/)/)).toEqual([]);
  });

  it('knows no folder it was not given', () => {
    expect(filesWith(/process\.cwd\(\)/, /^(?!cli\/|capture\/install\/agents\/amp\.ts)/)).toEqual([]);
  });
});
