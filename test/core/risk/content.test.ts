import { describe, expect, it } from 'vitest';
import { contentClasses } from '../../../lib/core/risk/content.ts';

const classesOf = (path: string, text: string): readonly string[] => contentClasses(path, Buffer.from(text));

describe('what a path can not tell is told by the content', () => {
  it.each([
    ['Kubernetes', 'app/web.yaml', 'apiVersion: apps/v1\nkind: Deployment\n', ['iac']],
    ['Kubernetes with Windows line ends', 'web.yml', 'apiVersion: v1\r\nkind: Pod\r\n', ['iac']],
    ['Kubernetes as JSON', 'web.json', '{"apiVersion": "v1", "kind": "Pod"}', ['iac']],
    ['Kubernetes as JSON in a YAML file', 'x.yaml', '{"kind":"Role","apiVersion":"v1"}', ['iac', 'iam']],
    ['a role', 'x.yaml', 'apiVersion: rbac/v1\nkind: ClusterRoleBinding\n', ['iac', 'iam']],
    [
      'a second document',
      'x.yaml',
      'a: 1\n---\napiVersion: v1\nkind: Secret\n',
      ['iac', 'secrets-and-crypto'],
    ],
    ['a network policy', 'x.yaml', 'kind: NetworkPolicy\napiVersion: v1\n', ['iac', 'network-and-tls']],
    ['CloudFormation', 'x.yaml', 'Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n', ['iac']],
    ['CloudFormation with a role', 'x.json', '{"Resources":{"R":{"Type":"AWS::IAM::Role"}}}', ['iac', 'iam']],
    ['ARM', 'x.json', '{"$schema": "https://schema/2019-04-01/deploymentTemplate.json#"}', ['iac']],
    ['Ansible', 'x.yml', '- hosts: all\n  tasks: []\n', ['iac']],
    ['compose', 'x.yml', 'services:\n  web:\n    image: nginx\n', ['container']],
    ['IAM', 'x.json', '{"Statement": [{"Effect": "Allow"}]}', ['iam']],
    ['a key in any file', 'notes.txt', '-----BEGIN OPENSSH PRIVATE KEY-----\n', ['secrets-and-crypto']],
    ['a certificate', 'x', 'a\n-----BEGIN CERTIFICATE-----\n', ['network-and-tls']],
  ])('%s', (_, path, text, classes) => {
    expect([...classesOf(path, text)].sort()).toEqual(classes);
  });

  it.each([
    ['prose', 'README.md', 'apiVersion: v1\nkind: Pod\n'],
    ['a word in a value', 'x.yaml', 'text: uses apiVersion and kind\n'],
    ['one of two signs', 'x.yaml', 'kind: Pod\n'],
    ['a translation', 'en.json', '{"Statement": "Bank statement"}'],
    ['a binary', 'x.yaml', 'apiVersion: v1\nkind: Pod\n\0'],
  ])('not %s', (_, path, text) => {
    expect(classesOf(path, text)).toEqual([]);
  });

  it('attack: 300 KB of comments before a manifest', () => {
    const padding = '# padding\n'.repeat(30_000);
    expect(classesOf('x.yaml', `${padding}apiVersion: v1\nkind: Role\n`)).toEqual(['iac', 'iam']);
  });

  it('attack: a structured file too long to be looked through', () => {
    const padding = Buffer.alloc(8 * 1024 * 1024 + 1, '#');
    expect(contentClasses('x.yaml', padding)).toEqual(['iac']);
    expect(contentClasses('x.txt', padding)).toEqual([]);
  });

  it.each([
    ['JSON', 'x.json', '{"apiVersion": "v1", "\\u006bind": "\\u0052ole"}', ['iac', 'iam']],
    ['JSON over lines', 'x.yaml', '{"apiVersion"\n:\n"v1", "kind"\n:\n"Role"}', ['iac', 'iam']],
    ['JSON with comments', 'x.jsonc', '{// c\n"apiVersion": "v1", "\\u006bind": "Role"}', ['iac']],
    ['JSON nested deep', 'x.json', `${'['.repeat(500_000)}{"\\u006bind":1}${']'.repeat(500_000)}`, ['iac']],
    ['JSON deep for some', 'x.json', `${'['.repeat(2000)}{"\\u006bind":1}${']'.repeat(2000)}`, ['iac']],
    ['YAML', 'x.yaml', 'apiVersion: v1\n"\\x6bind": Role\n', ['iac', 'iam']],
    ['YAML over lines', 'x.yaml', '{apiVersion: v1, "ki\\\n  nd": Role}', ['iac', 'iam']],
    ['an explicit key', 'x.yaml', '? apiVersion\n: v1\n? kind\n: Role\n', ['iac', 'iam']],
    ['tags', 'x.yaml', '!!str apiVersion: v1\n!!str kind: !!str Role\n', ['iac', 'iam']],
    ['old line ends', 'x.yaml', '\ufeffapiVersion: v1\rkind: Role\r', ['iac', 'iam']],
  ])('attack: keys hidden from a reader of lines in %s', (_, path, text, classes) => {
    expect(classesOf(path, text)).toEqual(classes);
  });

  it.each([
    ['an escape', 'apiVersion: v1\nkind: "\\x52ole"\n'],
    ['a broken line', 'apiVersion: v1\nkind: "Ro\\\n  le"\n'],
    ['a folded text', 'apiVersion: v1\nkind: >-\n  Role\n'],
    ['an alias', 'metadata: {labels: {a: &r Role}}\napiVersion: v1\nkind: *r\n'],
    [
      'an alias for a key',
      'metadata: {a: &k kind}\napiVersion: v1\nkind: Pod\n---\napiVersion: v1\nb: &k kind\n*k : Role\n',
    ],
    ['an anchor before it', 'apiVersion: v1\nkind: &a >-\n  Role\n'],
    ['a later document', 'a: 1\n---\napiVersion: v1\nkind: "\\u0052ole"\n'],
    ['a key that is hidden, too', 'apiVersion: v1\n"\\x6bind": "\\x52ole"\n'],
  ])('attack: a value hidden by %s', (_, text) => {
    expect([...classesOf('x.yaml', text)].sort()).toEqual(['iac', 'iam']);
  });

  it('attack: values hidden by what takes too long to read are told as far as lines tell', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]`).slice(1);
    const text = `a0: &a0 x\n${bomb.join('\n')}\napiVersion: v1\nkind: "\\x52ole"\n`;
    expect(classesOf('x.yaml', text)).toEqual(['iac']);
    const long = `apiVersion: v1\nkind: "\\x52ole"\n${'# padding\n'.repeat(20_000)}`;
    expect(classesOf('x.yaml', long)).toEqual(['iac']);
  });

  it('attack: a manifest in UTF-16', () => {
    const text = Buffer.from('\ufeffapiVersion: v1\nkind: Role\n', 'utf16le');
    expect(contentClasses('x.yaml', text)).toEqual(['iac', 'iam']);
    expect(contentClasses('x.yaml', text.swap16())).toEqual(['iac', 'iam']);
  });

  it('escapes in values hide nothing', () => {
    expect(classesOf('de.json', '{"caf\\u00e9": "\\u00e4: b", "c": 1}')).toEqual([]);
    expect(classesOf('de.yaml', 'a: "\\u00e4"\nb: "c"\n')).toEqual([]);
  });

  it('takes linear time over what was written to slow it down', () => {
    const started = process.hrtime.bigint();
    for (const text of [
      '\n'.repeat(250_000),
      '{ '.repeat(125_000),
      '"$schema":"'.repeat(20_000),
      '- '.repeat(125_000),
      `apiVersion: v1\n${'ServiceAccoun '.repeat(20_000)}`,
      '\\u0061'.repeat(40_000),
      `a: ${'"'.repeat(250_000)}`,
      `apiVersion: v1${'\nkind: !a'.repeat(25_000)}`,
      `apiVersion: v1\nkind: *a\n${'- '.repeat(30_000)}`,
      `apiVersion: v1\nkind: *a\n${'a: &a '.repeat(9000)}`,
      `apiVersion: v1\nkind: *a\n${'? a\n'.repeat(15_000)}`,
      `apiVersion: v1\nkind: *a\n${'---\n'.repeat(15_000)}`,
      `apiVersion: v1\nkind: *a\nb: "${'\\x41'.repeat(15_000)}`,
    ])
      classesOf('x.yaml', text);
    // Quadratic time would be minutes.
    expect(Number(process.hrtime.bigint() - started) / 1e9).toBeLessThan(5);
  });
});
